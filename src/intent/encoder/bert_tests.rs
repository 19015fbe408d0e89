//! The encoder with libtorch: the shipped model, and tiny ones that the tests write.

use super::tiny::TinyFolder;
use super::*;
use serde_json::json;
use std::fs;
use std::path::Path;

fn shipped() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("models/firstline-minilm-l6-en-zh-ru")
}

fn cosine(a: &[f32], b: &[f32]) -> f32 {
    a.iter().zip(b).map(|(x, y)| x * y).sum()
}

fn open(folder: impl Into<PathBuf>) -> Result<Encoder, EncoderError> {
    let deadline = Duration::from_secs(60);
    Encoder::open(EncoderOptions { model: folder.into(), cache: None, threads: 1, deadline })
}

#[tokio::test]
async fn the_shipped_model_knows_three_languages() {
    let encoder = open(shipped()).unwrap();
    assert_eq!((encoder.info().name.as_str(), encoder.info().dims), ("firstline-minilm-l6-en-zh-ru", 384));
    let question = encoder.embed("How long does a refund take?".into()).await.unwrap();
    let near = ["when will I get my money back", "退款需要多长时间？", "Сколько времени занимает возврат денег?"];
    let far = ["how do I reset my password", "怎么修改收货地址", "Как подключить наушники?"];
    let all = near.iter().chain(&far).map(|text| (*text).to_owned()).collect();
    let vectors = encoder.embed_all(all, |_, _| {}).await.unwrap();
    let scores: Vec<f32> = vectors.iter().map(|vector| cosine(&question, vector)).collect();
    let (least_near, most_far) =
        (scores[..3].iter().fold(1.0f32, |a, b| a.min(*b)), scores[3..].iter().fold(-1.0f32, |a, b| a.max(*b)));
    assert!(least_near > most_far, "{scores:?}");
}

#[tokio::test]
async fn neighbours_in_a_batch_change_nothing_that_matters() {
    let encoder = open(shipped()).unwrap();
    let texts: Vec<String> = (1..40).map(|n| "where is my order ".repeat(n % 9 + 1)).collect();
    let together = encoder.embed_all(texts.clone(), |_, _| {}).await.unwrap();
    for (text, vector) in texts.into_iter().zip(together) {
        let alone = encoder.embed(text.clone()).await.unwrap();
        assert!(cosine(&alone, &vector) > 0.995, "{text}: {}", cosine(&alone, &vector));
    }
}

#[tokio::test]
async fn odd_texts_get_a_vector_too() {
    let encoder = open(shipped()).unwrap();
    for text in
        ["", " ", "\u{0}", "🙂", "[CLS]", "ﷺ", &"слово ".repeat(10_000), &"字".repeat(10_000), &"a".repeat(100_000)]
    {
        assert!(encoder.embed(text.to_owned()).await.is_ok(), "{:.20}", text);
    }
}

#[tokio::test]
async fn a_unigram_tokenizer_works_without_its_padding() {
    let tiny = TinyFolder::new();
    let folder = tiny.write();
    let encoder = open(&folder).unwrap();
    assert_eq!((encoder.info().dims, encoder.info().languages.len()), (8, 4));
    let vectors = encoder.embed_all(vec!["refund".into(), "退款".into(), "refund".into()], |_, _| {}).await.unwrap();
    assert_eq!(vectors[0], vectors[2]);
    assert_ne!(vectors[0], vectors[1]);
}

#[tokio::test]
async fn the_prefix_of_the_manifest_stands_before_every_text() {
    let tiny = TinyFolder::new();
    let folder = tiny.write();
    let bare = open(&folder).unwrap();
    fs::write(tiny.home.path().join("manifest.toml"), "[[model]]\nname = \"tiny-unigram\"\nprefix = \"query: \"")
        .unwrap();
    let prefixed = open(&folder).unwrap();
    assert_ne!(bare.info().fingerprint, prefixed.info().fingerprint);
    let by_hand = bare.embed("query: refund".into()).await.unwrap();
    assert_eq!(prefixed.embed("refund".into()).await.unwrap(), by_hand);
    assert_ne!(bare.embed("refund".into()).await.unwrap(), by_hand);
}

#[test]
fn what_does_not_fit_together_is_an_error_that_says_so() {
    let check = |spoil: fn(&mut TinyFolder), expected: &str| {
        let mut tiny = TinyFolder::new();
        spoil(&mut tiny);
        let error = open(tiny.write()).err().expect(expected).to_string();
        assert!(error.contains(expected), "{error}");
    };
    check(
        |tiny| tiny.config["hidden_size"] = json!(16),
        "embeddings.LayerNorm.bias has shape [8], and config.json wants [16]",
    );
    check(|tiny| tiny.config["num_hidden_layers"] = json!(2), "encoder.layer.1");
    check(|tiny| tiny.config["num_attention_heads"] = json!(3), "not a multiple");
    check(|tiny| tiny.config["hidden_act"] = json!("sine"), "sine");
    check(|tiny| tiny.n_tokens = 5, "it has 8 tokens, and the weights know 5");
    check(|tiny| tiny.tokenizer = json!({"version": "1.0"}), "tokenizer.json");
}
