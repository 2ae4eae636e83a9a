/** Names and ids of containers: made up, checked, shortened. */
import { invalid } from "./errors.ts";

const adjectives = `
  adaptable agreeable alert amiable ample amused ancient astute awake balanced blissful bold brave breezy bright brisk
  calm candid careful charming cheerful clever content cordial cosy courteous crisp curious daring dazzling deft
  devoted diligent dreamy eager earnest easygoing elegant eloquent enchanted epic fearless festive fluent fond frosty
  gallant generous gentle gifted glad gleaming graceful gracious grand happy hardy hearty helpful honest hopeful humble
  inventive jaunty jolly jovial keen kind lively lucid lucky luminous mellow merry mighty mindful modest musing neat
  nimble noble observant optimistic patient peaceful pensive placid playful pleasant poised polite practical quick
  quiet quirky radiant ready relaxed resolute robust rustic serene sharp silent sincere sleepy snug sociable solid
  spirited steady stoic sturdy sunny swift tactful tender thoughtful tidy tranquil trusting upbeat valiant vibrant
  vigilant vivid warm watchful wise witty wondrous zealous`.trim().split(/\s+/);

const surnames = `
  abel agnesi anning archimedes aryabhata avogadro babbage banach banneker bardeen bernoulli berzelius bohr boltzmann
  boole borel bose boyle brahe brahmagupta broglie brown cannon cantor carnot carson cauchy cavendish celsius cerf
  chandrasekhar chebyshev clausius codd copernicus coulomb crick curie cuvier dalton darwin davy descartes dijkstra
  dirac doppler earhart edison einstein elion engelbart erdos euclid euler faraday fermat fermi feynman fibonacci
  fleming foucault fourier franklin fresnel galileo galois gauss germain gibbs goedel goodall hahn hamilton hawking
  heisenberg helmholtz herschel hertz hilbert hodgkin hooke hopper hubble humboldt huygens hypatia jacobi jenner
  johnson joule kelvin kepler kernighan khayyam kirchhoff knuth kovalevskaya lagrange lamarr laplace lavoisier leavitt
  leibniz liskov lorentz lovelace lovell lyell maxwell mayer mccarthy mcclintock meitner mendel mendeleev mirzakhani
  moore morse napier nash newton nobel noether ohm oppenheimer panini pascal pasteur pauli pauling payne perlman planck
  poincare poisson ptolemy pythagoras ramanujan riemann ritchie roentgen rubin rutherford sagan salk sammet shannon
  sinoussi snell stallman swartz tesla thales thompson torvalds turing villani volta wallace watt weierstrass wilson
  wozniak wright wu yalow yonath`.trim().split(/\s+/);

/** A name such as `brave_lovelace`; from the second try on a digit makes a collision less likely. */
export function randomName(retry = 0): string {
  const name = `${pick(adjectives)}_${pick(surnames)}`;
  return retry === 0 ? name : `${name}${randomBelow(10)}`;
}

/** Whether a text could be the name of a container, without the leading slash. */
export function isName(text: string): boolean {
  return /^[a-zA-Z0-9][a-zA-Z0-9_.-]+$/.test(text);
}

/**
 * The name of a container without the slash that old clients put before it.
 * @throws `invalid` with the sentence that Docker's clients know.
 */
export function checkName(text: string): string {
  const name = text.replace(/^\//, "");
  if (isName(name)) return name;
  throw invalid(`Invalid container name (${text}), only [a-zA-Z0-9][a-zA-Z0-9_.-] are allowed`);
}

/**
 * 64 hexadecimal digits that nobody can guess. Its short form is never a number only: that would be read as one where
 * it serves as a host name.
 */
export function randomId(): string {
  for (;;) {
    const id = crypto.getRandomValues(new Uint8Array(32)).toHex();
    if (/\D/.test(shortId(id))) return id;
  }
}

/** The first twelve digits of an id, without the name of its digest: `sha256:9c7a…` becomes `9c7a54a9a43c`. */
export function shortId(id: string): string {
  return id.slice(id.indexOf(":") + 1).slice(0, 12);
}

function pick(words: readonly string[]): string {
  return words[randomBelow(words.length)] ?? "";
}

function randomBelow(limit: number): number {
  return Math.floor(Math.random() * limit);
}
