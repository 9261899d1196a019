//! countersign-trust: see DESIGN; under construction.
