//! From features to a calibrated probability.
