//! countersign-store: see DESIGN; under construction.
