//! Classifiers that are written down instead of searched for: one pass over the examples, however many labels there are.

use super::{Example, Pieces};
use nalgebra::{Cholesky, DMatrix};

/// How much of the covariance is taken to be the same in every direction: with a few examples a label most of what is seen in single
/// directions is chance (Ledoit and Wolf 2004; Friedman 1989). Chosen on CLINC150's train split with 5, 10 and 50 phrases a label.
const SHRINKAGE: f32 = 0.5;
/// What the similarity to a prototype, 0 to 1, is multiplied by to be a logit.
const SHARPNESS: f32 = 12.0;

/// Linear discriminant analysis (Fisher 1936; Hastie, Tibshirani and Friedman, The Elements of Statistical Learning, 4.3), all labels equally likely:
/// (`dims` + 1) × `n_labels`, the bias last. A label without examples is an average one.
pub fn of_embeddings(examples: &[&Example<'_>], n_labels: usize, dims: usize) -> Vec<f32> {
    let with_vectors = examples.iter().filter_map(|e| Some((e.label as usize, e.embedding.as_deref()?)));
    let rows: Vec<(usize, &[f32])> = with_vectors.filter(|(_, vector)| vector.len() == dims).collect();
    let mut counts = vec![0.0f32; n_labels];
    let mut means = DMatrix::<f32>::zeros(dims, n_labels);
    for (label, vector) in &rows {
        counts[*label] += 1.0;
        means.column_mut(*label).iter_mut().zip(*vector).for_each(|(sum, value)| *sum += value);
    }
    for (label, count) in counts.iter().enumerate().filter(|(_, count)| **count > 0.0) {
        means.column_mut(label).scale_mut(1.0 / count);
    }
    let n_present = counts.iter().filter(|count| **count > 0.0).count().max(1) as f32;
    let middle = means.column_sum() / n_present;
    for (label, count) in counts.iter().enumerate() {
        let mut mean = means.column_mut(label);
        if *count > 0.0 { mean -= &middle } else { mean.fill(0.0) }
    }
    let covariance = within(&rows, &means, &middle);
    let directions = match Cholesky::new(covariance) {
        Some(factored) => factored.solve(&means),
        // Numbers that are not finite; the prototypes alone say something.
        None => means.clone(),
    };
    let offset = |label: usize| {
        let (direction, mean) = (directions.column(label), means.column(label));
        -0.5 * direction.dot(&mean) - direction.dot(&middle)
    };
    let mut weights: Vec<f32> = directions.transpose().as_slice().to_vec();
    weights.extend((0..n_labels).map(offset));
    weights
}

/// Of the examples around the mean of their label, shrunk: `dims` × `dims`.
fn within(rows: &[(usize, &[f32])], means: &DMatrix<f32>, middle: &nalgebra::DVector<f32>) -> DMatrix<f32> {
    const AT_ONCE: usize = 4_096;
    let dims = means.nrows();
    let mut sums = DMatrix::<f32>::zeros(dims, dims);
    for chunk in rows.chunks(AT_ONCE) {
        let mut apart = DMatrix::<f32>::zeros(dims, chunk.len());
        for (mut column, (label, vector)) in apart.column_iter_mut().zip(chunk) {
            let mean = means.column(*label);
            let parts = vector.iter().zip(mean.iter()).zip(middle.iter());
            column.iter_mut().zip(parts).for_each(|(to, ((value, mean), middle))| *to = value - mean - middle);
        }
        sums.gemm(1.0, &apart, &apart.transpose(), 1.0);
    }
    sums.scale_mut(1.0 / rows.len().max(1) as f32);
    // Of single examples nothing is left around the mean.
    let spread = (sums.trace() / dims as f32).max(1e-4);
    sums.scale_mut(1.0 - SHRINKAGE);
    for i in 0..dims {
        sums[(i, i)] += SHRINKAGE * spread;
    }
    sums
}

/// Prototypes (Rocchio 1971): how like a text is to the mean of a label's examples. (pieces + 1) × `n_labels`, no bias.
pub fn of_pieces(examples: &[&Example<'_>], n_labels: usize, pieces: &Pieces) -> Vec<f32> {
    let n_pieces = pieces.indexes.len();
    let mut weights = vec![0.0f32; (n_pieces + 1) * n_labels];
    for example in examples {
        for (place, value) in pieces.select(&example.sparse) {
            weights[place as usize * n_labels + example.label as usize] += value;
        }
    }
    let mut squares = vec![0.0f32; n_labels];
    for row in weights.chunks_exact(n_labels) {
        squares.iter_mut().zip(row).for_each(|(sum, value)| *sum += value * value);
    }
    let scales: Vec<f32> = squares.iter().map(|square| SHARPNESS / square.sqrt().max(f32::MIN_POSITIVE)).collect();
    for row in weights.chunks_exact_mut(n_labels) {
        row.iter_mut().zip(&scales).for_each(|(value, scale)| *value *= scale);
    }
    weights
}
