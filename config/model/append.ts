// Appends to lists. `list.push(...more)` passes each item as an argument, which overflows the stack when a user's file gives
// some hundred thousand of them.

/** Adds the items to the end of the list. */
export function append<Item>(list: Item[], more: Iterable<Item>): void {
  for (const item of more) list.push(item)
}
