//! Who goes when: all orders in turn, so that nobody is always behind the same other one.

/// The order of a round. As many rounds in a row as there are competitors have each of them first, and as many as there
/// are orders have every order.
pub fn order(competitors: usize, round: usize) -> Vec<usize> {
    let mut left: Vec<usize> = (0..competitors).collect();
    let mut number = round;
    let mut order = Vec::with_capacity(competitors);
    while !left.is_empty() {
        let next = number % left.len();
        number /= left.len();
        order.push(left.remove(next));
    }
    order
}
