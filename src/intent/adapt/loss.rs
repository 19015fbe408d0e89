//! What a step lowers: texts of one intent apart, and texts of different intents together.

use tch::{Kind, Tensor};

/// Supervised contrastive loss, the variant with the sum outside the logarithm (Khosla 2020, equation 2), over all pairs of
/// a batch. `vectors` are of shape (texts, dims) and any length above 0; every text has another of its intent.
pub fn contrastive(vectors: &Tensor, intents: &[u32], temperature: f64) -> Tensor {
    let n = intents.len() as i64;
    let directions = vectors / vectors.norm_scalaropt_dim(2, [1i64].as_slice(), true).clamp_min(1e-12);
    let intents: Vec<i64> = intents.iter().map(|intent| i64::from(*intent)).collect();
    let intents = Tensor::from_slice(&intents).to_device(vectors.device());
    let itself = Tensor::eye(n, (Kind::Bool, vectors.device()));
    let likeness = (directions.matmul(&directions.tr()) / temperature).masked_fill(&itself, f64::NEG_INFINITY);
    let log_shares = (&likeness - likeness.logsumexp([1i64].as_slice(), true)).masked_fill(&itself, 0.0);
    let is_same = intents.unsqueeze(0).eq_tensor(&intents.unsqueeze(1)).logical_and(&itself.logical_not());
    let is_same = is_same.to_kind(Kind::Float);
    let n_same = is_same.sum_dim_intlist([1i64].as_slice(), false, Kind::Float).clamp_min(1.0);
    -((log_shares * is_same).sum_dim_intlist([1i64].as_slice(), false, Kind::Float) / n_same).mean(Kind::Float)
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Two intents of two texts on the circle, at these angles.
    fn at(angles: [f64; 4]) -> Tensor {
        let values: Vec<f32> = angles.iter().flat_map(|a| [2.0 * a.cos() as f32, 2.0 * a.sin() as f32]).collect();
        Tensor::from_slice(&values).view([4, 2])
    }

    fn loss(angles: [f64; 4]) -> f64 {
        f64::try_from(contrastive(&at(angles), &[0, 0, 1, 1], 0.1)).unwrap()
    }

    #[test]
    fn by_hand() {
        // Cosines 1 to its own and 0 to both others.
        let expected = -(10.0f64.exp() / (10.0f64.exp() + 2.0)).ln();
        let right = std::f64::consts::FRAC_PI_2;
        assert!((loss([0.0, 0.0, right, right]) - expected).abs() < 1e-5);
    }

    #[test]
    fn its_slope_draws_an_intent_together_and_intents_apart() {
        let mut vectors = at([0.0, 0.8, 1.0, 1.8]).set_requires_grad(true);
        contrastive(&vectors, &[0, 0, 1, 1], 0.1).backward();
        let stepped = tch::no_grad(|| &vectors - vectors.grad() * 0.05);
        vectors = vectors.detach();
        let cosine = |of: &Tensor, a: i64, b: i64| {
            let (a, b) = (of.get(a), of.get(b));
            f64::try_from(a.dot(&b) / (a.norm() * b.norm())).unwrap()
        };
        assert!(cosine(&stepped, 0, 1) > cosine(&vectors, 0, 1));
        assert!(cosine(&stepped, 2, 3) > cosine(&vectors, 2, 3));
        assert!(cosine(&stepped, 1, 2) < cosine(&vectors, 1, 2));
    }

    #[test]
    fn a_batch_of_one_intent_or_of_equal_texts_is_a_number() {
        for intents in [[0, 0, 0, 0], [0, 1, 2, 3]] {
            let value = f64::try_from(contrastive(&at([0.3; 4]), &intents, 0.05)).unwrap();
            assert!(value.is_finite(), "{value}");
        }
    }
}
