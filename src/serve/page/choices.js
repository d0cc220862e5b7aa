// What the user chose, kept in this browser. A browser that keeps nothing, or something else, gets the defaults.

export function load(name, fallback) {
  try {
    return JSON.parse(localStorage.getItem(`cinta-${name}`)) ?? fallback;
  } catch {
    return fallback;
  }
}

export function save(name, value) {
  try {
    localStorage.setItem(`cinta-${name}`, JSON.stringify(value));
  } catch {
    // it is forgotten when the page is closed
  }
}
