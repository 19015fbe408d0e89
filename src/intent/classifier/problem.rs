//! The training as a function of the weights: the weighted log loss of the examples, regularised, and its gradient.

use super::{Example, Pieces, TrainOptions, add_scaled, softmax};
use ndarray::linalg::general_mat_mul;
use ndarray::{ArrayView2, ArrayViewMut2, Axis};
use std::thread;

pub struct Problem {
    n_labels: usize,
    dims: usize,
    n_pieces: usize,
    labels: Vec<u32>,
    /// For each example: balanced over labels, together 1.
    shares: Vec<f32>,
    /// Examples × dims; zeros where an example has no embedding.
    dense: Vec<f32>,
    /// For each example its pieces, for each piece its examples: the same numbers in both orders, so that threads can
    /// take examples for the value and pieces for the gradient, and never write to the same place.
    by_example: Rows,
    by_piece: Rows,
    decay: f32,
    n_threads: usize,
}

/// Lists of (place, value), one after the other.
#[derive(Default)]
struct Rows {
    entries: Vec<(u32, f32)>,
    /// Where each row ends.
    ends: Vec<usize>,
}

impl Problem {
    pub fn new(
        examples: &[&Example<'_>],
        n_labels: usize,
        dims: usize,
        pieces: &Pieces,
        options: &TrainOptions,
    ) -> Self {
        let mut dense = vec![0.0; examples.len() * dims];
        for (row, example) in dense.chunks_exact_mut(dims.max(1)).zip(examples) {
            if let Some(vector) = example.embedding.as_deref().filter(|vector| vector.len() == dims) {
                row.copy_from_slice(vector);
            }
        }
        let n_pieces = pieces.indexes.len();
        let by_example = Rows::of(examples.iter().map(|example| pieces.select(&example.sparse)));
        Self {
            n_labels,
            dims,
            n_pieces,
            labels: examples.iter().map(|example| example.label).collect(),
            shares: balanced(examples, n_labels),
            dense,
            by_piece: by_example.transposed(n_pieces),
            by_example,
            decay: 1.0 / (options.c * examples.len().max(1) as f32),
            n_threads: options.threads.max(1),
        }
    }

    pub fn n_weights(&self) -> usize {
        (self.dims + self.n_pieces + 1) * self.n_labels
    }

    /// Writes the gradient, in the order of the weights, and returns the value.
    pub fn evaluate(&self, weights: &[f32], gradient: &mut [f32]) -> f64 {
        let mut residuals = vec![0.0; self.labels.len() * self.n_labels];
        let loss = self.residuals(weights, &mut residuals);
        self.gradient(weights, &residuals, gradient);
        let (regularised, _bias) = weights.split_at(self.bias_at());
        let squares: f64 = regularised.chunks(1024).map(|w| f64::from(w.iter().map(|w| w * w).sum::<f32>())).sum();
        loss + 0.5 * f64::from(self.decay) * squares
    }

    fn bias_at(&self) -> usize {
        (self.dims + self.n_pieces) * self.n_labels
    }

    /// Examples × labels: share × (probability − truth). Returns the loss.
    fn residuals(&self, weights: &[f32], residuals: &mut [f32]) -> f64 {
        let n_each = self.labels.len().div_ceil(self.n_threads).max(1);
        thread::scope(|scope| {
            let chunks = residuals.chunks_mut((n_each * self.n_labels).max(1)).enumerate();
            let work = |(i, chunk)| scope.spawn(move || self.residuals_of(i * n_each, weights, chunk));
            let running: Vec<_> = chunks.map(work).collect();
            // In order, example by example, so that the sum is the same for any number of threads.
            let losses = running.into_iter().flat_map(|thread| thread.join().expect("only arithmetic runs in it"));
            losses.map(f64::from).sum()
        })
    }

    /// The losses of the examples from `first` on, as many as there are rows.
    fn residuals_of(&self, first: usize, weights: &[f32], rows: &mut [f32]) -> Vec<f32> {
        let n_labels = self.n_labels;
        let n_rows = rows.len() / n_labels;
        if self.dims > 0 {
            let dense = matrix(&self.dense[first * self.dims..][..n_rows * self.dims], self.dims);
            let weights = matrix(&weights[..self.dims * n_labels], n_labels);
            general_mat_mul(1.0, &dense, &weights, 0.0, &mut matrix_mut(rows, n_labels));
        }
        let mut losses = Vec::with_capacity(n_rows);
        for (row, example) in rows.chunks_exact_mut(n_labels).zip(first..) {
            add_scaled(row, 1.0, &weights[self.bias_at()..]);
            for (piece, value) in self.by_example.row(example) {
                let at = (self.dims + *piece as usize) * n_labels;
                add_scaled(row, *value, &weights[at..at + n_labels]);
            }
            let (label, share) = (self.labels[example] as usize, self.shares[example]);
            let of_label = row[label];
            losses.push(share * (softmax(row) - of_label));
            row[label] -= 1.0;
            row.iter_mut().for_each(|residual| *residual *= share);
        }
        losses
    }

    fn gradient(&self, weights: &[f32], residuals: &[f32], gradient: &mut [f32]) {
        let n_labels = self.n_labels;
        let (regularised, bias) = gradient.split_at_mut(self.bias_at());
        bias.fill(0.0);
        residuals.chunks_exact(n_labels.max(1)).for_each(|row| add_scaled(bias, 1.0, row));
        let (dense, sparse) = regularised.split_at_mut(self.dims * n_labels);
        let n_dims_each = self.dims.div_ceil(self.n_threads).max(1);
        let n_pieces_each = self.n_pieces.div_ceil(self.n_threads).max(1);
        thread::scope(|scope| {
            for (i, rows) in dense.chunks_mut((n_dims_each * n_labels).max(1)).enumerate() {
                scope.spawn(move || self.dense_gradient(i * n_dims_each, residuals, rows));
            }
            for (i, rows) in sparse.chunks_mut((n_pieces_each * n_labels).max(1)).enumerate() {
                scope.spawn(move || self.sparse_gradient(i * n_pieces_each, residuals, rows));
            }
        });
        add_scaled(regularised, self.decay, weights);
    }

    fn dense_gradient(&self, first: usize, residuals: &[f32], rows: &mut [f32]) {
        let n_rows = rows.len() / self.n_labels;
        let dense = matrix(&self.dense, self.dims);
        let columns = dense.slice_axis(Axis(1), (first..first + n_rows).into());
        let residuals = matrix(residuals, self.n_labels);
        general_mat_mul(1.0, &columns.t(), &residuals, 0.0, &mut matrix_mut(rows, self.n_labels));
    }

    fn sparse_gradient(&self, first: usize, residuals: &[f32], rows: &mut [f32]) {
        rows.fill(0.0);
        for (row, piece) in rows.chunks_exact_mut(self.n_labels).zip(first..) {
            for (example, value) in self.by_piece.row(piece) {
                let at = *example as usize * self.n_labels;
                add_scaled(row, *value, &residuals[at..at + self.n_labels]);
            }
        }
    }
}

impl Rows {
    fn of(rows: impl Iterator<Item = Vec<(u32, f32)>>) -> Self {
        let mut all = Self::default();
        for row in rows {
            all.entries.extend(row);
            all.ends.push(all.entries.len());
        }
        all
    }

    fn row(&self, place: usize) -> &[(u32, f32)] {
        let start = place.checked_sub(1).map_or(0, |before| self.ends[before]);
        &self.entries[start..self.ends[place]]
    }

    fn transposed(&self, n_columns: usize) -> Self {
        let mut columns = vec![Vec::new(); n_columns];
        for place in 0..self.ends.len() {
            for (column, value) in self.row(place) {
                columns[*column as usize].push((place as u32, *value));
            }
        }
        Self::of(columns.into_iter())
    }
}

/// Every label weighs the same, however many phrases it has; together 1.
fn balanced(examples: &[&Example<'_>], n_labels: usize) -> Vec<f32> {
    let mut counts = vec![0u32; n_labels];
    examples.iter().for_each(|example| counts[example.label as usize] += 1);
    let n_present = counts.iter().filter(|count| **count > 0).count();
    examples.iter().map(|example| 1.0 / (n_present as f32 * counts[example.label as usize] as f32)).collect()
}

fn matrix(values: &[f32], n_columns: usize) -> ArrayView2<'_, f32> {
    let n_rows = values.len() / n_columns.max(1);
    ArrayView2::from_shape((n_rows, n_columns), values).expect("rows are whole")
}

fn matrix_mut(values: &mut [f32], n_columns: usize) -> ArrayViewMut2<'_, f32> {
    let n_rows = values.len() / n_columns.max(1);
    ArrayViewMut2::from_shape((n_rows, n_columns), values).expect("rows are whole")
}
