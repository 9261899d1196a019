//! countersign-pdf: see DESIGN; under construction.
