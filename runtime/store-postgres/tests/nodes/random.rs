//! Whatever happens to three machines, in random order. `LOCKGATE_NODES_SEEDS=n` tries so many seeds,
//! `LOCKGATE_NODES_FIRST=n` begins there.

use lockgate_testing::Dice;

use crate::table::{Machine, Table, names, until};

/// Where seeds begin unless it is said otherwise.
const FIRST: u64 = 20_261_130;
/// Seeds that are tried unless it is said otherwise.
const SEEDS: u64 = 3;
const STEPS: usize = 60;
const CONNECTORS: usize = 5;
const LEASE_MS: u64 = 500;
const NODES: [&str; 3] = ["one", "two", "three"];

fn number(variable: &str, default: u64) -> u64 {
    std::env::var(variable).map_or(default, |text| text.parse().unwrap_or_else(|_| panic!("{variable} is a number")))
}

/// Machines by their places; none where one is stopped.
struct Machines<'t> {
    table: &'t Table,
    all: Vec<Option<Machine>>,
    frozen: Option<usize>,
}

impl Machines<'_> {
    /// Those that can be asked.
    fn awake(&self) -> Vec<&Machine> {
        let awake = self.all.iter().enumerate().filter(|(at, _)| Some(*at) != self.frozen);
        awake.filter_map(|(_, machine)| machine.as_ref()).collect()
    }

    fn thaw(&mut self) {
        if let Some(machine) = self.frozen.take().and_then(|at| self.all[at].as_ref()) {
            machine.valve.set_open(true);
        }
    }

    fn step(&mut self, dice: &mut Dice) {
        let at = dice.below(3) as usize;
        match dice.below(12) {
            0 => match self.all[at].take_if(|_| self.frozen != Some(at)) {
                Some(machine) => drop(machine),
                None if self.frozen != Some(at) => self.all[at] = Some(self.table.machine(NODES[at])),
                None => {}
            },
            1 if self.frozen.is_none() => {
                if let Some(machine) = &self.all[at] {
                    machine.valve.set_open(false);
                    self.frozen = Some(at);
                }
            }
            2 => self.thaw(),
            3 | 4 => {
                let drains = dice.one_in(2);
                if let Some(machine) = self.awake().first() {
                    machine.bus.drain_node(&lockgate_core::ports::NodeName::new(NODES[at]), drains).unwrap();
                }
            }
            5 => {
                if let Some(machine) = self.awake().last() {
                    machine.bus.request_processing(None).unwrap();
                }
            }
            _ => {
                let awake = self.awake();
                if let Some(machine) = awake.get(dice.below(awake.len().max(1) as u64) as usize) {
                    for _ in 0..=dice.below(20) {
                        let name = &names(CONNECTORS)[dice.below(CONNECTORS as u64) as usize];
                        self.table.submit(&machine.bus, name);
                    }
                }
            }
        }
    }
}

fn run(seed: u64) {
    println!("nodes: seed {seed}");
    let table = Table::new(CONNECTORS, LEASE_MS);
    let mut dice = Dice::new(seed);
    let mut machines = Machines { table: &table, all: NODES.map(|name| Some(table.machine(name))).into(), frozen: None };
    for _ in 0..STEPS {
        machines.step(&mut dice);
    }
    machines.thaw();
    for (at, name) in NODES.iter().enumerate() {
        machines.all[at]
            .get_or_insert_with(|| table.machine(name))
            .bus
            .drain_node(&lockgate_core::ports::NodeName::new(name), false)
            .unwrap();
    }
    until(&format!("all is done (seed {seed})"), || table.waiting() == 0);
    until(&format!("nobody is busy (seed {seed})"), || machines.awake().iter().all(|machine| machine.bus.busy().is_empty()));
    let evenly = || machines.awake().iter().all(|machine| (1..=2).contains(&machine.holds().len()));
    until(&format!("connectors are spread (seed {seed})"), evenly);
    table.check();
}

#[test]
fn whatever_happens_to_nodes_each_task_is_applied_once_and_in_order() {
    let first = number("LOCKGATE_NODES_FIRST", FIRST);
    (first..first + number("LOCKGATE_NODES_SEEDS", SEEDS)).for_each(run);
}
