//! First names from many places. Maya and James are left out: they are people of the demo.

use super::random::SplitMix64;

const NAMES: [&str; 96] = [
    "Aaliyah", "Abena", "Adam", "Ahmed", "Aiko", "Aisha", "Alba", "Amara", "Amir", "Ana", "Anika",
    "Antonio", "Arjun", "Astrid", "Ayo", "Beatriz", "Bilal", "Bogdan", "Camila", "Carlos", "Chen",
    "Chidi", "Chloe", "Clara", "Dalia", "Daniel", "Daria", "David", "Diego", "Dina", "Elena",
    "Elif", "Emil", "Emma", "Farah", "Fatima", "Felix", "Femi", "Finn", "Freya", "Gabriel",
    "Grace", "Hana", "Haruto", "Hassan", "Ida", "Ines", "Isaac", "Ivan", "Jada", "Jamal", "Jana",
    "Jonas", "Juan", "Kai", "Kamala", "Kateryna", "Keiko", "Kofi", "Laila", "Lars", "Leila", "Leo",
    "Lin", "Luca", "Lucia", "Malik", "Marek", "Mateo", "Mei", "Mila", "Min", "Mohamed", "Nadia",
    "Naomi", "Nia", "Nikolai", "Noah", "Noor", "Olivia", "Omar", "Oscar", "Priya", "Rania", "Ravi",
    "Rosa", "Samir", "Sana", "Sofia", "Tariq", "Thandiwe", "Tomas", "Viktor", "Wei", "Yara", "Zoe",
];

/// So many different names. When the list is used up, names get a number.
pub(super) fn unique(random: &mut SplitMix64, count: usize) -> Vec<String> {
    let mut names = NAMES;
    random.shuffle(&mut names);
    let rounds = (1..).flat_map(|round| names.iter().map(move |name| (round, *name)));
    let numbered = rounds.map(|(round, name): (u32, &str)| match round {
        1 => name.to_owned(),
        _ => format!("{name} {round}"),
    });
    numbered.take(count).collect()
}
