//! countersign-remote: see DESIGN; under construction.
