//! The encoder's promises, kept with a tiny model instead of libtorch.

use super::model::settle;
use super::owner::{self, MAX_RESTARTS};
use super::testing::{Gate, behind, encoder};
use super::*;
use std::sync::Mutex;

fn texts(n: usize) -> Vec<String> {
    (0..n).map(|i| format!("{}{i}", "how long does it take ".repeat(i % 5))).collect()
}

#[tokio::test]
async fn alone_or_among_many_a_text_has_one_vector() {
    let encoder = behind(&Arc::default());
    let all = encoder.embed_all(texts(700), |_, _| {}).await.unwrap();
    assert_eq!(all.len(), 700);
    for (text, vector) in texts(700).into_iter().zip(&all).step_by(97) {
        assert_eq!(&encoder.embed(text).await.unwrap(), vector);
        let length: f32 = vector.iter().map(|x| x * x).sum();
        assert!((length.sqrt() - 1.0).abs() < 1e-3);
    }
    let stats = encoder.stats();
    assert_eq!(stats.n_texts, 708);
    assert!(stats.n_batches < 100 && stats.busy_us_total > 0, "{stats:?}");
}

#[tokio::test]
async fn of_what_customers_said_nothing_is_left_on_disk() {
    let folder = tempfile::tempdir().unwrap();
    let gate: Arc<Gate> = Arc::default();
    let encoder = encoder(&gate, Some(folder.path().to_owned()), Duration::from_secs(60), |_| true);
    let twice: Vec<String> = texts(600).into_iter().chain(texts(3)).collect();
    let unkept = encoder.embed_all_unkept(twice.clone()).await.unwrap();
    assert_eq!(std::fs::read_dir(folder.path()).unwrap().count(), 0);
    assert_eq!(gate.n_encoded(), 600, "equal texts once");
    assert_eq!(unkept, encoder.embed_all(twice, |_, _| {}).await.unwrap());
    assert!(std::fs::read_dir(folder.path()).unwrap().count() > 0);
}

#[tokio::test]
async fn equal_texts_are_encoded_once_and_what_is_cached_never_again() {
    let home = tempfile::tempdir().unwrap();
    let gate: Arc<Gate> = Arc::default();
    let open = || encoder(&gate, Some(home.path().to_owned()), Duration::from_secs(60), |_| true);
    let twice = [texts(50), texts(50)].concat();
    let heard = Mutex::new(Vec::new());
    let first = open().embed_all(twice.clone(), |done, of| heard.lock().unwrap().push((done, of))).await.unwrap();
    assert_eq!(gate.n_encoded(), 50);
    assert_eq!(first[..50], first[50..]);
    assert_eq!(*heard.lock().unwrap(), [(0, 100), (100, 100)]);
    let restarted = open();
    assert_eq!(restarted.embed_all(twice, |_, _| {}).await.unwrap(), first);
    assert_eq!((gate.n_encoded(), restarted.stats().n_cache_hits), (50, 50));
    assert_eq!(restarted.embed_all(vec![], |_, _| {}).await.unwrap(), Vec::<Vector>::new());
}

#[tokio::test]
async fn who_gave_up_is_late_and_is_skipped() {
    let gate: Arc<Gate> = Arc::default();
    let encoder = encoder(&gate, None, Duration::from_millis(5), |_| true);
    gate.set_closed(true);
    for text in ["first", "second", "third"] {
        assert_eq!(encoder.embed(text.into()).await, Err(EncoderError::Late));
    }
    gate.set_closed(false);
    while encoder.stats().n_live_waiting > 0 {
        tokio::task::yield_now().await;
    }
    let stats = encoder.stats();
    assert_eq!(stats.n_late, 3);
    // The first may have been in the model already.
    assert!(stats.n_skipped >= 2, "{stats:?}");
}

#[tokio::test]
async fn a_panic_costs_its_batch_and_nothing_more() {
    let gate: Arc<Gate> = Arc::default();
    let encoder = behind(&gate);
    for _ in 0..MAX_RESTARTS * 2 {
        let failed = encoder.embed("☠".into()).await.unwrap_err();
        assert!(matches!(failed, EncoderError::Failed { .. }), "{failed}");
        assert!(encoder.embed("where is my refund".into()).await.is_ok());
    }
    assert_eq!(encoder.stats().n_restarts, u64::from(MAX_RESTARTS) * 2);
    let failed = encoder.embed_all(vec!["☠".into(), "fine".into()], |_, _| {}).await.unwrap_err();
    assert!(matches!(failed, EncoderError::Failed { .. }), "{failed}");
}

#[tokio::test]
async fn what_cannot_come_back_is_down() {
    let gate: Arc<Gate> = Arc::default();
    let encoder = encoder(&gate, None, Duration::from_secs(60), |n| n == 1);
    let first = encoder.embed("☠".into()).await;
    assert!(first.is_err());
    let second = encoder.embed("waits while it is loaded again".into()).await;
    assert_eq!(second, Err(EncoderError::Down));
    assert_eq!(encoder.embed("at once".into()).await, Err(EncoderError::Down));
    assert_eq!(encoder.embed_all(texts(3), |_, _| {}).await, Err(EncoderError::Down));
    assert_eq!(*gate.n_loads.lock().unwrap(), 1 + MAX_RESTARTS);
}

#[tokio::test]
async fn a_bulk_that_is_dropped_leaves_the_room_to_others() {
    let gate: Arc<Gate> = Arc::default();
    let encoder = behind(&gate);
    gate.set_closed(true);
    for _ in 0..5 {
        let bulk = encoder.embed_all(texts(600), |_, _| {});
        assert!(tokio::time::timeout(Duration::from_millis(20), bulk).await.is_err());
    }
    gate.set_closed(false);
    assert_eq!(encoder.embed_all(texts(600), |_, _| {}).await.unwrap().len(), 600);
}

#[test]
fn a_model_that_does_not_load_is_an_error_not_a_panic() {
    let load: owner::Load = Box::new(|| Err(EncoderError::failed("load the model", "no weights")));
    assert!(owner::start(Arc::new(Mailbox::new()), load).is_err());
    let load: owner::Load = Box::new(|| panic!("a shape makes no sense"));
    let error = owner::start(Arc::new(Mailbox::new()), load).err().unwrap();
    assert!(error.to_string().contains("a shape makes no sense"), "{error}");
}

#[test]
fn a_vector_without_direction_is_none() {
    assert_eq!(settle(&[0.0, 0.0]), None);
    assert_eq!(settle(&[f32::NAN, 1.0]), None);
    assert_eq!(settle(&[f32::INFINITY, 1.0]), None);
    assert_eq!(settle(&[3.0, 4.0]), Some([0.6, 0.8].iter().map(|x| half::f16::from_f32(*x).to_f32()).collect()));
}

#[cfg(not(feature = "bert"))]
#[test]
fn a_build_without_the_encoder_says_so() {
    assert_eq!(
        Encoder::open(EncoderOptions { model: "models/any".into(), cache: None, threads: 0, deadline: Duration::ZERO })
            .err(),
        Some(EncoderError::NotBuilt)
    );
}
