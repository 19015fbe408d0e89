//! How near a vector is to rows of vectors; of many rows, first in bytes.

use super::encoder::Vector;
use simsimd::SpatialSimilarity;

/// Rows in one piece of memory, in the order in which they were given.
pub struct Nearest {
    dims: usize,
    /// Rows × dims.
    values: Vec<f32>,
    /// Of many rows only.
    bytes: Option<Bytes>,
}

/// Above this many rows, reading them all as floats takes longer than a millisecond.
const MANY_ROWS: usize = 5_000;
/// The best by bytes, which are looked at again as floats.
const RESCORED: usize = 200;

impl Nearest {
    /// A row of another length than `dims` keeps its place, and is like nothing.
    pub fn new(dims: usize, rows: Vec<Vector>) -> Self {
        let mut values = vec![0.0; rows.len() * dims];
        if dims > 0 {
            for (place, row) in values.chunks_exact_mut(dims).zip(&rows) {
                if row.len() == dims {
                    place.copy_from_slice(row);
                }
            }
        }
        let bytes = (dims > 0 && rows.len() > MANY_ROWS).then(|| Bytes::of(&values, dims));
        Self { dims, values, bytes }
    }

    pub fn len(&self) -> usize {
        self.values.len() / self.dims.max(1)
    }

    pub fn dims(&self) -> usize {
        self.dims
    }

    /// The row at `place`, as it was given.
    pub fn row(&self, place: usize) -> &[f32] {
        &self.values[place * self.dims..(place + 1) * self.dims]
    }

    pub fn is_empty(&self) -> bool {
        self.values.is_empty()
    }

    /// More rows than are read as floats in a millisecond.
    pub fn is_large(&self) -> bool {
        self.bytes.is_some()
    }

    /// The cosine to every row, -1 to 1, in order of rows; empty when the query has another length than the rows.
    pub fn scores(&self, query: &[f32]) -> Vec<f32> {
        if query.len() != self.dims || self.dims == 0 {
            return Vec::new();
        }
        self.values.chunks_exact(self.dims).map(|row| dot(row, query)).collect()
    }

    /// The rows that are `wanted`, in order, with their cosines; of a large one only the best are exact, the others within about 0.01.
    /// Empty when the query has another length than the rows.
    pub fn scan(&self, query: &[f32], wanted: impl Fn(usize) -> bool) -> Vec<(usize, f32)> {
        if query.len() != self.dims || self.dims == 0 {
            return Vec::new();
        }
        let wanted = (0..self.len()).filter(|row| wanted(*row));
        match &self.bytes {
            None => wanted.map(|row| (row, dot(self.row(row), query))).collect(),
            Some(bytes) => {
                let mut found = bytes.scan(query, wanted);
                self.rescore(&mut found, query);
                found
            }
        }
    }

    fn rescore(&self, found: &mut [(usize, f32)], query: &[f32]) {
        let mut order: Vec<usize> = (0..found.len()).collect();
        let best = if found.len() > RESCORED {
            let by_score = |a: &usize, b: &usize| found[*b].1.total_cmp(&found[*a].1).then(a.cmp(b));
            order.select_nth_unstable_by(RESCORED, by_score).0
        } else {
            &mut order
        };
        for place in best {
            found[*place].1 = dot(self.row(found[*place].0), query);
        }
    }
}

pub(super) fn dot(a: &[f32], b: &[f32]) -> f32 {
    f32::dot(a, b).unwrap_or(0.0) as f32
}

/// Each row in whole numbers, -127 to 127, a quarter of the memory to read.
struct Bytes {
    dims: usize,
    rows: Vec<i8>,
    /// What a row's numbers are multiplied by.
    scales: Vec<f32>,
}

impl Bytes {
    fn of(values: &[f32], dims: usize) -> Self {
        let mut all = Self { dims, rows: Vec::with_capacity(values.len()), scales: vec![] };
        for row in values.chunks_exact(dims) {
            let scale = scale_of(row);
            all.rows.extend(in_bytes(row, scale));
            all.scales.push(scale);
        }
        all
    }

    fn scan(&self, query: &[f32], wanted: impl Iterator<Item = usize>) -> Vec<(usize, f32)> {
        let scale = scale_of(query);
        let query: Vec<i8> = in_bytes(query, scale).collect();
        let score = |row: usize| {
            let values = &self.rows[row * self.dims..(row + 1) * self.dims];
            i8::dot(values, &query).unwrap_or(0.0) as f32 * self.scales[row] * scale
        };
        wanted.map(|row| (row, score(row))).collect()
    }
}

/// Never 0, so that it can be divided by.
fn scale_of(row: &[f32]) -> f32 {
    row.iter().fold(f32::MIN_POSITIVE, |largest, value| largest.max(value.abs())) / 127.0
}

fn in_bytes(row: &[f32], scale: f32) -> impl Iterator<Item = i8> {
    row.iter().map(move |value| (value / scale).round() as i8)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn row(values: &[f32]) -> Vector {
        Vector::from(values)
    }

    #[test]
    fn every_row_in_order() {
        let nearest = Nearest::new(2, vec![row(&[0.0, 1.0]), row(&[1.0, 0.0]), row(&[0.6, 0.8]), row(&[1.0, 0.0])]);
        assert_eq!(nearest.len(), 4);
        assert_eq!(nearest.scores(&[0.0, 1.0]), [1.0, 0.0, 0.8, 0.0]);
    }

    #[test]
    fn every_length_of_row_adds_up() {
        for dims in 1..40 {
            let ones = vec![1.0; dims];
            assert_eq!(Nearest::new(dims, vec![row(&ones)]).scores(&ones), [dims as f32]);
        }
    }

    #[test]
    fn what_does_not_fit_is_like_nothing() {
        let nearest = Nearest::new(2, vec![row(&[1.0]), row(&[1.0, 0.0])]);
        assert_eq!(nearest.scores(&[1.0, 0.0]), [0.0, 1.0]);
        assert_eq!(nearest.scores(&[1.0, 0.0, 0.0]), [0.0; 0]);
        assert!(Nearest::new(2, vec![]).is_empty());
        assert_eq!(Nearest::new(2, vec![]).scores(&[1.0, 0.0]), [0.0; 0]);
        assert_eq!(Nearest::new(0, vec![row(&[])]).scores(&[]), [0.0; 0]);
    }

    #[test]
    fn of_many_rows_the_best_are_exact_and_the_others_near() {
        const DIMS: usize = 48;
        // Spread evenly enough by a fixed rule; the same vectors on every machine.
        let vector = |seed: usize| -> Vec<f32> {
            let values: Vec<f32> = (0..DIMS).map(|i| ((seed * 31 + i * 17 + seed * i) % 101) as f32 - 50.0).collect();
            let length = values.iter().map(|v| v * v).sum::<f32>().sqrt();
            values.into_iter().map(|v| v / length).collect()
        };
        let rows: Vec<Vector> = (0..MANY_ROWS + 1).map(|seed| vector(seed).into()).collect();
        let exact = |query: &[f32]| -> Vec<f32> { rows.iter().map(|row| dot(row, query)).collect() };
        let nearest = Nearest::new(DIMS, rows.clone());
        for seed in [3, 77, 9_001] {
            let query = vector(seed);
            let expected = exact(&query);
            let found: Vec<f32> = nearest.scan(&query, |_| true).into_iter().map(|(_, score)| score).collect();
            assert!(found.iter().zip(&expected).all(|(a, b)| (a - b).abs() < 0.02));
            let mut order: Vec<usize> = (0..rows.len()).collect();
            order.sort_by(|a, b| expected[*b].total_cmp(&expected[*a]));
            assert!(order[..50].iter().all(|place| found[*place] == expected[*place]));
            let few = nearest.scan(&query, |row| row % 1_000 == 3);
            assert_eq!(few.iter().map(|(row, _)| *row).collect::<Vec<_>>(), [3, 1_003, 2_003, 3_003, 4_003]);
            assert!(few.iter().all(|(row, score)| *score == expected[*row]));
        }
        let mut broken = rows.clone();
        broken[0] = vec![f32::NAN; DIMS].into();
        assert!(Nearest::new(DIMS, broken).scan(&vector(3), |row| row > 0).iter().all(|(_, score)| !score.is_nan()));
    }
}
