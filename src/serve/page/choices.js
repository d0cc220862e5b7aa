// What the user chose, kept in this browser; where it keeps nothing, until the page is closed.

const kept = new Map();

/** `isValid` says whether a value may be used: the browser may have another version's, or anything. */
export function load(name, fallback, isValid = (value) => typeof value === typeof fallback) {
  if (kept.has(name)) return kept.get(name);
  try {
    const value = JSON.parse(localStorage.getItem(`cinta-${name}`));
    return isValid(value) ? value : fallback;
  } catch {
    return fallback;
  }
}

export function save(name, value) {
  try {
    localStorage.setItem(`cinta-${name}`, JSON.stringify(value));
    kept.delete(name); // other tabs may change it
  } catch {
    kept.set(name, value);
  }
}
