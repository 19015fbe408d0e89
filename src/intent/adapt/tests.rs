//! Training with a tiny model on disk.

use super::*;
use crate::intent::encoder::tiny::TinyFolder;
use crate::intent::encoder::{Encoder, EncoderOptions, Vector};
use std::time::Duration;

fn lessons() -> Vec<Lesson> {
    let lesson = |text: &str, intent| Lesson { text: text.to_owned(), intent };
    vec![lesson("refund now", 0), lesson("money now", 0), lesson("parcel today", 1), lesson("box today", 1)]
}

fn tiny() -> TinyFolder {
    TinyFolder::of_words(["refund", "money", "parcel", "box", "now", "today"])
}

fn quick() -> Course {
    Course { n_passes: 40, rate: 0.01, n_layers: 1, threads: 1, ..Course::default() }
}

async fn vectors(folder: &Path) -> Vec<Vector> {
    let deadline = Duration::from_secs(60);
    let options = EncoderOptions { model: folder.to_owned(), cache: None, threads: 1, deadline };
    let encoder = Encoder::open(options).unwrap();
    encoder.embed_all(lessons().into_iter().map(|lesson| lesson.text).collect(), |_, _| {}).await.unwrap()
}

/// How much more alike texts of one intent are than texts of two.
fn contrast(vectors: &[Vector]) -> f32 {
    let cosine = |a: usize, b: usize| vectors[a].iter().zip(vectors[b].iter()).map(|(x, y)| x * y).sum::<f32>();
    cosine(0, 1) + cosine(2, 3) - cosine(0, 2) - cosine(1, 3)
}

#[tokio::test]
async fn an_intent_draws_together_and_the_same_lessons_give_the_same_model() {
    let tiny = tiny();
    let source = tiny.write();
    let into = |name: &str| tiny.home.path().join(name);
    let mut n_heard = 0;
    train(&source, &lessons(), &quick(), &into("first"), || n_heard += 1).unwrap();
    assert_eq!((n_heard, n_steps(&lessons(), &quick())), (40, 40));
    let (before, after) = (vectors(&source).await, vectors(&into("first")).await);
    assert!(contrast(&after) > contrast(&before) + 0.1, "{} to {}", contrast(&before), contrast(&after));
    train(&source, &lessons(), &quick(), &into("second"), || {}).unwrap();
    assert_eq!(after, vectors(&into("second")).await);
    train(&source, &lessons(), &Course { share: 0.0, ..quick() }, &into("none of it"), || {}).unwrap();
    assert_eq!(before, vectors(&into("none of it")).await);
}

#[tokio::test]
async fn what_an_earlier_run_left_half_made_is_replaced() {
    let tiny = tiny();
    let (source, into) = (tiny.write(), tiny.home.path().join("model"));
    let draft = into.with_extension("draft");
    fs::create_dir(&draft).unwrap();
    fs::write(draft.join(folder::WEIGHTS), "torn").unwrap();
    train(&source, &lessons(), &Course { n_passes: 1, ..quick() }, &into, || {}).unwrap();
    assert!(!draft.exists());
    assert_eq!(vectors(&into).await.len(), 4);
}

#[test]
fn one_intent_alone_teaches_nothing() {
    assert_eq!(n_steps(&lessons()[..2], &quick()), 0);
    assert_eq!(n_steps(&[], &quick()), 0);
    assert_eq!(n_steps(&lessons(), &Course { max_steps: 3, ..quick() }), 3);
}
