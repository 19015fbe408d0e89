//! Writes the place of libtorch into the binaries, so that they start without `LD_LIBRARY_PATH`. Does nothing else,
//! and nothing at all without the feature `bert`.

use std::env;
use std::path::Path;

fn main() {
    println!("cargo:rerun-if-changed=build.rs");
    // The pages are part of a release binary; a debug one reads them when asked.
    if env::var("PROFILE").as_deref() == Ok("release") {
        println!("cargo:rerun-if-changed=web/dist");
    }
    if env::var_os("CARGO_FEATURE_BERT").is_none() {
        return;
    }
    // The names and their precedence are those of torch-sys, which links the library itself.
    println!("cargo:rerun-if-env-changed=LIBTORCH_LIB");
    println!("cargo:rerun-if-env-changed=LIBTORCH");
    let Some(root) = env::var_os("LIBTORCH_LIB").or_else(|| env::var_os("LIBTORCH")) else {
        return;
    };
    // The second place is for a packed release: bin/firstline beside lib/libtorch_cpu.so and its companions.
    let beside = match env::var("CARGO_CFG_TARGET_OS").as_deref() {
        Ok("macos") => "@executable_path/../lib",
        _ => "$ORIGIN/../lib",
    };
    println!("cargo:rustc-link-arg=-Wl,-rpath,{}", Path::new(&root).join("lib").display());
    println!("cargo:rustc-link-arg=-Wl,-rpath,{beside}");
}
