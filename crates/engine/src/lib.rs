//! countersign-engine: see DESIGN; under construction.
