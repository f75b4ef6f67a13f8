//! Two workers' steps side by side, on two threads of which one runs at a time: at each moment at which
//! others can act, the dice say who goes on. So what they do is mixed at every point, and the same seed
//! mixes it the same.

use std::cell::Cell;
use std::panic::resume_unwind;
use std::sync::{Arc, Condvar, Mutex, MutexGuard, PoisonError};

use super::actions::Owner;
use super::run::QUIET;
use super::world::World;
use lockgate_testing::Dice;

thread_local! {
    /// Which of the two this thread is.
    static SIDE: Cell<Option<usize>> = const { Cell::new(None) };
}

pub struct Duel {
    turn: Mutex<Turn>,
    passed: Condvar,
}

struct Turn {
    of: usize,
    ended: [bool; 2],
    dice: Dice,
}

/// Ends a side, also when it panics: the other one goes on.
struct Side<'a>(&'a Duel, usize);

impl Duel {
    fn new(seed: u64) -> Self {
        Self { turn: Mutex::new(Turn { of: 0, ended: [false; 2], dice: Dice::new(seed) }), passed: Condvar::new() }
    }

    fn lock(&self) -> MutexGuard<'_, Turn> {
        self.turn.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn begin(&self, side: usize) -> Side<'_> {
        SIDE.set(Some(side));
        self.wait(side, self.lock());
        Side(self, side)
    }

    /// A point at which the other one may go on.
    fn point(&self, side: usize) {
        let mut turn = self.lock();
        if turn.dice.one_in(2) && !turn.ended[1 - side] {
            turn.of = 1 - side;
            self.passed.notify_all();
            self.wait(side, turn);
        }
    }

    fn wait(&self, side: usize, mut turn: MutexGuard<'_, Turn>) {
        while turn.of != side {
            turn = self.passed.wait(turn).unwrap_or_else(PoisonError::into_inner);
        }
    }
}

impl Drop for Side<'_> {
    fn drop(&mut self) {
        let Self(duel, side) = self;
        SIDE.set(None);
        let mut turn = duel.lock();
        turn.ended[*side] = true;
        turn.of = 1 - *side;
        duel.passed.notify_all();
    }
}

impl World {
    pub(super) fn duel(&self, duellists: &[(Owner, usize); 2], seed: u64) {
        let duel = Arc::new(Duel::new(seed));
        self.around().duel = Some(duel.clone());
        let [(one, first), (other, second)] = *duellists;
        std::thread::scope(|scope| {
            let beside = std::thread::Builder::new().name(QUIET.to_owned()).spawn_scoped(scope, || {
                let _side = duel.begin(1);
                self.step(other, second);
            });
            {
                let _side = duel.begin(0);
                self.step(one, first);
            }
            if let Err(panic) = beside.unwrap().join() {
                resume_unwind(panic);
            }
        });
        self.around().duel = None;
    }

    /// Whoever calls holds nothing.
    pub(super) fn duel_point(&self) {
        let Some(side) = SIDE.get() else { return };
        let duel = self.around().duel.clone();
        if let Some(duel) = duel {
            duel.point(side);
        }
    }
}
