//! countersign-practice: see DESIGN; under construction.
