//! Taking from vectors what all of them say.
//!
//! The articles of one knowledge base are about one thing, so their vectors lie in one corner, and a cosine between them mostly tells that they
//! are of this base. Whitening (Mahalanobis 1936; for sentence vectors Su, Cao, Liu and Ou 2021) moves their middle towards zero and shrinks the
//! directions in which they spread, so that a cosine tells them apart. Its covariance is shrunk towards a sphere (Ledoit and Wolf 2004), the more the
//! fewer vectors there are: of a handful, nearly nothing is changed.

use super::encoder::Vector;
use super::nearest::dot;
use nalgebra::{Cholesky, DMatrix, DVector};

pub struct Whitening {
    dims: usize,
    /// Of the vectors that it was made of, times its trust in them.
    middle: Vec<f32>,
    /// The inverse of the covariance's Cholesky factor, a row after the other: `dims` × `dims`, lower triangular. Any root of the
    /// inverse gives the same cosines.
    root: Vec<f32>,
}

/// The sphere that is added to the covariance, in parts of its mean variance.
const SPHERE: f32 = 8.0;
/// As many vectors as the belief in a middle at zero is worth.
const MIDDLE_AT_ZERO: f32 = 64.0;
/// More are not looked at: the covariance is known by then.
const MOST_SAMPLES: usize = 20_000;

impl Whitening {
    /// Of vectors of `dims` finite numbers; others are left out. `None` without any.
    pub fn of(vectors: &[&[f32]], dims: usize) -> Option<Self> {
        let stride = vectors.len().div_ceil(MOST_SAMPLES).max(1);
        let is_usable = |vector: &&&[f32]| vector.len() == dims && vector.iter().all(|value| value.is_finite());
        let samples: Vec<&[f32]> = vectors.iter().step_by(stride).filter(is_usable).copied().collect();
        if samples.is_empty() || dims == 0 {
            return None;
        }
        let n = samples.len() as f32;
        let mut mean = DVector::<f32>::zeros(dims);
        for sample in &samples {
            mean.iter_mut().zip(*sample).for_each(|(sum, value)| *sum += value / n);
        }
        let mut covariance = covariance(&samples, &mean);
        let variance = (covariance.trace() / dims as f32).max(f32::EPSILON);
        for i in 0..dims {
            covariance[(i, i)] += SPHERE * (1.0 + dims as f32 / n) * variance;
        }
        let inverse = Cholesky::new(covariance)?.l().solve_lower_triangular(&DMatrix::identity(dims, dims))?;
        let trust = n / (n + MIDDLE_AT_ZERO);
        Some(Self {
            dims,
            middle: mean.iter().map(|value| value * trust).collect(),
            root: inverse.transpose().as_slice().to_vec(),
        })
    }

    /// A vector of length 1, or of zeros where nothing is left. One of another length than `dims` stays as it is.
    pub fn apply(&self, vector: &[f32]) -> Vector {
        if vector.len() != self.dims {
            return vector.into();
        }
        let moved: Vec<f32> = vector.iter().zip(&self.middle).map(|(value, middle)| value - middle).collect();
        let rows = self.root.chunks_exact(self.dims).enumerate();
        let turned: Vec<f32> = rows.map(|(i, row)| dot(&row[..=i], &moved[..=i])).collect();
        let length = dot(&turned, &turned).sqrt().max(f32::MIN_POSITIVE);
        turned.into_iter().map(|value| value / length).collect()
    }
}

fn covariance(samples: &[&[f32]], mean: &DVector<f32>) -> DMatrix<f32> {
    const AT_ONCE: usize = 4_096;
    let dims = mean.len();
    let mut sums = DMatrix::<f32>::zeros(dims, dims);
    for chunk in samples.chunks(AT_ONCE) {
        let apart = DMatrix::from_fn(dims, chunk.len(), |row, column| chunk[column][row] - mean[row]);
        sums.gemm(1.0, &apart, &apart.transpose(), 1.0);
    }
    sums.scale_mut(1.0 / samples.len() as f32);
    sums
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Spread widely along the first direction around a common corner, narrowly along the others.
    fn corner(n: usize) -> Vec<Vec<f32>> {
        let spread = |i: usize, by: usize| (i * by % 101) as f32 / 50.0 - 1.0;
        let vector = |i: usize| [0.6 * spread(i, 37), 0.9, 0.1 * spread(i, 53), 0.1 * spread(i, 71)];
        let unit = |vector: [f32; 4]| {
            let length = dot(&vector, &vector).sqrt();
            vector.map(|value| value / length).to_vec()
        };
        (0..n).map(|i| unit(vector(i))).collect()
    }

    fn of(vectors: &[Vec<f32>]) -> Whitening {
        Whitening::of(&vectors.iter().map(Vec::as_slice).collect::<Vec<_>>(), 4).unwrap()
    }

    #[test]
    fn what_all_share_tells_nothing_apart() {
        let vectors = corner(2_000);
        let whitening = of(&vectors);
        // Over all pairs: the squared length of the mean.
        let mean_cosine = |vectors: &[Vec<f32>]| {
            let mean = |direction: usize| vectors.iter().map(|v| v[direction]).sum::<f32>() / vectors.len() as f32;
            (0..4).map(|direction| mean(direction).powi(2)).sum::<f32>()
        };
        let white: Vec<Vec<f32>> = vectors.iter().map(|vector| whitening.apply(vector).to_vec()).collect();
        assert!(white.iter().all(|vector| (dot(vector, vector) - 1.0).abs() < 1e-5));
        assert!(mean_cosine(&vectors) > 0.8, "{}", mean_cosine(&vectors));
        assert!(mean_cosine(&white) < 0.2, "{}", mean_cosine(&white));
    }

    #[test]
    fn the_widest_direction_counts_for_less() {
        let whitening = of(&corner(2_000));
        let away = |direction: usize| {
            let mut vector = whitening.middle.clone();
            vector[direction] += 0.1;
            vector
        };
        // Halfway between two directions; before, both had an equal part.
        let mut between = away(0);
        between[2] += 0.1;
        let white = whitening.apply(&between);
        let parts = [0, 2].map(|direction| dot(&white, &whitening.apply(&away(direction))).abs());
        assert!(parts[0] < parts[1] - 0.02, "{parts:?}");
    }

    #[test]
    fn of_a_handful_cosines_stay() {
        let few = corner(3);
        let whitening = of(&few);
        for (a, b) in [(0, 1), (0, 2), (1, 2)] {
            let (before, after) = (dot(&few[a], &few[b]), dot(&whitening.apply(&few[a]), &whitening.apply(&few[b])));
            assert!((before - after).abs() < 0.1, "{before} {after}");
        }
    }

    #[test]
    fn what_is_no_vector_does_no_harm() {
        assert!(Whitening::of(&[], 4).is_none());
        assert!(Whitening::of(&[&[f32::NAN; 4], &[1.0]], 4).is_none());
        assert!(Whitening::of(&[&[]], 0).is_none());
        let mut vectors = corner(50);
        let clean = of(&vectors);
        vectors.extend([vec![f32::NAN; 4], vec![1.0]]);
        let other = of(&vectors);
        assert_eq!(clean.apply(&vectors[0]), other.apply(&vectors[0]));
        assert_eq!(*clean.apply(&[1.0]), [1.0]);
        assert_eq!(*clean.apply(&clean.middle), [0.0; 4]);
        // All the same: nothing to divide by but the sphere.
        let same = of(&vec![vec![0.0, 1.0, 0.0, 0.0]; 30]);
        assert!(same.apply(&[0.0, 0.0, 1.0, 0.0]).iter().all(|value| value.is_finite()));
    }
}
