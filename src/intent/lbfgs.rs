//! Finds the lowest point of a smooth convex function: L-BFGS (Liu and Nocedal 1989; Nocedal and Wright, Numerical
//! Optimization, algorithms 7.4 and 7.5) with backtracking.

use std::collections::VecDeque;

/// Steps that are remembered. More cost memory (two vectors each) and saved no pass over the examples when tried.
const MEMORY: usize = 6;
/// Armijo's condition: the part of the promised decrease that a step must bring.
const ENOUGH: f64 = 1e-4;
const MAX_BACKTRACKS: usize = 20;

/// When to be content.
#[derive(Clone, Copy, Debug)]
pub struct Stop {
    /// Evaluations, at most.
    pub max_passes: usize,
    /// Two steps in a row lowered the value by less than this part of it.
    pub tolerance: f64,
}

/// `evaluate` writes the gradient at a point and returns the value there. Returns the passes taken and the last value.
pub fn minimise(point: &mut Vec<f32>, stop: Stop, mut evaluate: impl FnMut(&[f32], &mut [f32]) -> f64) -> (usize, f64) {
    let mut gradient = vec![0.0; point.len()];
    let mut value = evaluate(point, &mut gradient);
    let mut steps: VecDeque<Step> = VecDeque::with_capacity(MEMORY);
    let (mut next, mut next_gradient) = (point.clone(), gradient.clone());
    let mut n_slow = 0;
    let mut n_passes = 1;
    while n_passes < stop.max_passes && n_slow < 2 {
        let direction = direction(&gradient, &steps);
        let slope = dot(&direction, &gradient);
        if slope >= 0.0 {
            break;
        }
        // Without a remembered step the length of the gradient says nothing about how far to go.
        let mut length = if steps.is_empty() { 1.0 / dot(&gradient, &gradient).sqrt().max(1e-12) } else { 1.0 };
        let mut next_value = value;
        let mut found = false;
        for _ in 0..MAX_BACKTRACKS {
            for ((to, from), along) in next.iter_mut().zip(point.iter()).zip(&direction) {
                *to = from + length as f32 * along;
            }
            next_value = evaluate(&next, &mut next_gradient);
            n_passes += 1;
            found = next_value <= value + ENOUGH * length * slope;
            if found || n_passes >= stop.max_passes {
                break;
            }
            length *= 0.5;
        }
        if !found {
            break;
        }
        remember(&mut steps, point, &next, &gradient, &next_gradient);
        n_slow = if value - next_value < stop.tolerance * value.abs() { n_slow + 1 } else { 0 };
        std::mem::swap(point, &mut next);
        std::mem::swap(&mut gradient, &mut next_gradient);
        value = next_value;
    }
    (n_passes, value)
}

struct Step {
    moved: Vec<f32>,
    gradient_change: Vec<f32>,
    /// 1 / (moved · gradient_change).
    inverse_curvature: f64,
}

fn remember(steps: &mut VecDeque<Step>, from: &[f32], to: &[f32], gradient_from: &[f32], gradient_to: &[f32]) {
    let mut step = if steps.len() == MEMORY { steps.pop_front() } else { None }.unwrap_or_else(|| Step {
        moved: vec![0.0; from.len()],
        gradient_change: vec![0.0; from.len()],
        inverse_curvature: 0.0,
    });
    subtract(&mut step.moved, to, from);
    subtract(&mut step.gradient_change, gradient_to, gradient_from);
    let curvature = dot(&step.moved, &step.gradient_change);
    // Rounding can make it vanish near the lowest point; such a step teaches nothing.
    if curvature > 1e-12 {
        step.inverse_curvature = 1.0 / curvature;
        steps.push_back(step);
    }
}

/// The two-loop recursion.
fn direction(gradient: &[f32], steps: &VecDeque<Step>) -> Vec<f32> {
    let mut direction: Vec<f32> = gradient.iter().map(|g| -g).collect();
    let mut shares = Vec::with_capacity(steps.len());
    for step in steps.iter().rev() {
        let share = dot(&step.moved, &direction) * step.inverse_curvature;
        add_scaled(&mut direction, -share, &step.gradient_change);
        shares.push(share);
    }
    if let Some(last) = steps.back() {
        let scale = 1.0 / (last.inverse_curvature * dot(&last.gradient_change, &last.gradient_change));
        for value in &mut direction {
            *value *= scale as f32;
        }
    }
    for (step, share) in steps.iter().zip(shares.into_iter().rev()) {
        let correction = dot(&step.gradient_change, &direction) * step.inverse_curvature;
        add_scaled(&mut direction, share - correction, &step.moved);
    }
    direction
}

fn subtract(out: &mut [f32], a: &[f32], b: &[f32]) {
    for ((out, a), b) in out.iter_mut().zip(a).zip(b) {
        *out = a - b;
    }
}

fn add_scaled(sums: &mut [f32], scale: f64, values: &[f32]) {
    let scale = scale as f32;
    for (sum, value) in sums.iter_mut().zip(values) {
        *sum += scale * value;
    }
}

/// Summed in blocks: millions of values in one single-precision sum would lose the small ones.
fn dot(a: &[f32], b: &[f32]) -> f64 {
    const BLOCK: usize = 1024;
    const LANES: usize = 8;
    let mut total = 0.0;
    for (a, b) in a.chunks(BLOCK).zip(b.chunks(BLOCK)) {
        let mut sums = [0.0f32; LANES];
        let (a, b) = (a.chunks_exact(LANES), b.chunks_exact(LANES));
        let rest: f32 = a.remainder().iter().zip(b.remainder()).map(|(x, y)| x * y).sum();
        for (a, b) in a.zip(b) {
            for lane in 0..LANES {
                sums[lane] += a[lane] * b[lane];
            }
        }
        total += f64::from(sums.iter().sum::<f32>() + rest);
    }
    total
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn finds_the_bottom_of_a_long_valley() {
        // (x - 1)² + 100 (y - 2)² + 0.01 (z + 3)²
        let (scales, bottom) = ([1.0, 100.0, 0.01], [1.0, 2.0, -3.0]);
        let mut point = vec![0.0; 3];
        let (n_passes, value) = minimise(&mut point, Stop { max_passes: 200, tolerance: 1e-4 }, |at, gradient| {
            let mut value = 0.1;
            for i in 0..3 {
                gradient[i] = 2.0 * scales[i] * (at[i] - bottom[i]);
                value += f64::from(scales[i] * (at[i] - bottom[i]).powi(2));
            }
            value
        });
        assert!(value < 0.11, "{value} after {n_passes}");
        assert!((point[1] - 2.0).abs() < 0.01 && (point[0] - 1.0).abs() < 0.2, "{point:?}");
    }

    #[test]
    fn stands_still_where_it_is_flat() {
        let mut point = vec![1.0, 2.0];
        minimise(&mut point, Stop { max_passes: 10, tolerance: 1e-4 }, |_, gradient| {
            gradient.fill(0.0);
            5.0
        });
        assert_eq!(point, vec![1.0, 2.0]);
        let mut nothing = vec![];
        minimise(&mut nothing, Stop { max_passes: 10, tolerance: 1e-4 }, |_, _| 0.0);
    }
}
