//! countersign-token: see DESIGN; under construction.
