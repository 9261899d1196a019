//! Files that we sign, judged by programs that are not ours: every kind of input, every algorithm, every way to sign.
//!
//! Each cell either ends in a file that pyHanko (strict, with its analysis of changes), pdfsig and qpdf accept and whose
//! pages and text are unchanged, or in a refusal with its code, before the PIN is read and without a trace on disk.

mod authorities;
mod cases;
mod cell;
mod corpus;
mod inputs;
mod noticed;
mod table;

use std::sync::{
    Mutex,
    atomic::{AtomicUsize, Ordering},
};

use countersign_tests::{
    desk::{Desk, Workshop, stale},
    judge::Judge,
    skip,
};

#[test]
fn the_matrix() {
    if let Some(source) = stale() {
        eprintln!("\n!!! the program is older than {source}: cargo build --workspace\n");
    }
    let workshop = Workshop::shared();
    let judge = Judge::shared();
    let inputs = inputs::all(workshop, judge);
    let cells = cases::all(&inputs, skip::count() == 0);
    let outcomes = on_desks(workshop, &cells, |desk, cell| {
        cell::check(desk, judge, &inputs[&cell.input], cell)
    });
    let table = table::render(&cells, &outcomes);
    table::publish(&table, skip::count());
    let red: Vec<String> = cells
        .iter()
        .zip(&outcomes)
        .filter_map(|(cell, outcome)| {
            outcome
                .as_ref()
                .err()
                .map(|why| format!("{} / {}: {why}", cell.row, cell.column))
        })
        .collect();
    assert!(
        red.is_empty(),
        "{} of {} cells are red:\n{}",
        red.len(),
        cells.len(),
        red.join("\n")
    );
}

/// Does the work on as many desks as there are cores; the results stand in the order of the work.
fn on_desks<T: Sync, R: Send>(workshop: &'static Workshop, work: &[T], task: impl Fn(&Desk, &T) -> R + Sync) -> Vec<R> {
    let next = AtomicUsize::new(0);
    let done = Mutex::new(Vec::new());
    let threads = std::thread::available_parallelism().map_or(2, usize::from).clamp(2, 8);
    std::thread::scope(|scope| {
        for _ in 0..threads {
            scope.spawn(|| {
                let desk = workshop.desk();
                while let Some((place, item)) =
                    Some(next.fetch_add(1, Ordering::Relaxed)).and_then(|at| Some((at, work.get(at)?)))
                {
                    let result = task(&desk, item);
                    done.lock().unwrap().push((place, result));
                }
            });
        }
    });
    let mut done = done.into_inner().unwrap();
    assert_eq!(done.len(), work.len());
    done.sort_by_key(|(place, _)| *place);
    done.into_iter().map(|(_, result)| result).collect()
}
