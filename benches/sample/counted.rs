//! One row, so many times, for callgrind to count: `BINARY ROW SIDE TIMES`, where a side is `own`, `peer`, or `around`,
//! what both of them do besides. `benches/instructions` makes a table of it. Without a row each side of each runs once.

use std::{env, hint::black_box};

type Side = Box<dyn Fn()>;

/// What is counted, beside a peer.
pub struct Row {
    name: String,
    own: Side,
    peer: Side,
    around: Side,
}

impl Row {
    pub fn new<O, P>(name: impl ToString, own: impl Fn() -> O + 'static, peer: impl Fn() -> P + 'static) -> Row {
        Row::around(name, own, peer, || ())
    }

    pub fn around<O, P, A>(
        name: impl ToString,
        own: impl Fn() -> O + 'static,
        peer: impl Fn() -> P + 'static,
        around: impl Fn() -> A + 'static,
    ) -> Row {
        Row {
            name: name.to_string(),
            own: Box::new(move || drop(black_box(own()))),
            peer: Box::new(move || drop(black_box(peer()))),
            around: Box::new(move || drop(black_box(around()))),
        }
    }

    fn side(&self, name: &str) -> &Side {
        match name {
            "own" => &self.own,
            "peer" => &self.peer,
            "around" => &self.around,
            _ => panic!("no side is called {name}"),
        }
    }
}

/// Does what the arguments of the program say.
pub fn run(rows: &[Row]) {
    let arguments: Vec<String> = env::args().skip(1).collect();
    match &arguments[..] {
        [list] if list == "--list" => rows.iter().for_each(|row| println!("{}", row.name)),
        [name, side, times] if !name.starts_with('-') => {
            let row = rows.iter().find(|row| row.name == *name).expect("a row has this name");
            let times: usize = times.parse().expect("the number of times is a number");
            (0..times).for_each(|_| row.side(side)());
        }
        // What cargo passes on is for criterion.
        _ => rows.iter().for_each(|row| ["own", "peer", "around"].iter().for_each(|side| row.side(side)())),
    }
}
