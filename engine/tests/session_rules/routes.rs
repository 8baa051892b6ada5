//! Which gateways get a student's frames.

use learnflow_engine::event::v1::{AgeBand, Consent};

use super::script::{Script, check};
use super::world::World;

fn adult() -> World {
    World::created(AgeBand::Adult, Consent::NotNeeded)
}

fn routes(script: &Script) -> String {
    let routes = script.world.state.routes.iter();
    let routes: Vec<String> =
        routes.map(|route| format!("{}/{}", route.slot, route.slot_epoch)).collect();
    routes.join(" ")
}

/// Plays inputs and compares the routes that stand after them, and the steps that were stored.
fn check_routes(inputs: &[&str], expected: &str, stored: usize) {
    let mut script = Script::new(adult());
    for input in inputs {
        script.play(input);
    }
    assert_eq!(routes(&script), expected, "{inputs:?}");
    assert_eq!(script.world.rows.len(), stored + 1, "{inputs:?}");
}

#[test]
fn a_route_stands_from_attach_to_detach_of_its_lease() {
    check_routes(&["attach 3/7"], "3/7", 1);
    check_routes(&["attach 3/7", "detach 3/7"], "", 2);
    check_routes(&["attach 3/7", "detach 4/7"], "3/7", 1);
    check_routes(&["detach 3/7"], "", 0);
    check_routes(&["attach 3/7", "attach 4/1"], "3/7 4/1", 2);
}

#[test]
fn a_second_attach_of_a_standing_route_stores_nothing_and_is_answered() {
    check(adult(), &[("attach 3/7", "attached 3/7"), ("attach 3/7", "attached 3/7")]);
    check_routes(&["attach 3/7", "attach 3/7"], "3/7", 1);
}

#[test]
fn a_newer_lease_of_a_slot_replaces_the_older_and_never_the_other_way_round() {
    check_routes(&["attach 3/7", "attach 3/8"], "3/8", 2);
    check_routes(&["attach 3/8", "attach 3/7"], "3/8", 1);
    check_routes(&["attach 3/8", "detach 3/7"], "3/8", 1);
    check_routes(&["attach 3/7", "detach 3/8"], "", 2);
}

#[test]
fn a_ninth_route_replaces_the_oldest() {
    let inputs: Vec<String> = (1..=9).map(|slot| format!("attach {slot}/1")).collect();
    let inputs: Vec<&str> = inputs.iter().map(String::as_str).collect();
    check_routes(&inputs, "2/1 3/1 4/1 5/1 6/1 7/1 8/1 9/1", 9);
}

#[test]
fn routes_survive_a_crash() {
    let mut script = Script::new(adult());
    script.play("attach 3/7");
    script.world.lose_memory();
    assert_eq!(routes(&script), "3/7");
}
