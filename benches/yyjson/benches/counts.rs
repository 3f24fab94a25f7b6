//! Each row so many times, for callgrind to count; `benches/instructions` makes a table of it.

#[path = "../../sample/counted.rs"]
mod counted;

fn main() {
    let rows = entity_patch_yyjson::Row::all().into_iter().map(|row| {
        let (own, peer) = (row.clone(), row);
        let name = own.name.clone();
        counted::Row::new(name, move || own.own(), move || peer.peer())
    });
    counted::run(&rows.collect::<Vec<_>>());
}
