// The map nearer and further: buttons, keys, wheel with Ctrl, drag and pinch over one viewBox.
// Without this script the whole map stands there. Letters and pins keep their size; nothing moves
// by itself, so reduced motion needs no other way.
const MOST = 8, STEP = 1.5, PART = 0.2;

for (const box of document.querySelectorAll("[data-zoom]")) zoomed(box);

function zoomed(box) {
  const svg = box.querySelector("svg"), bar = box.querySelector(".zoom");
  const [left, top, wide, tall] = svg.getAttribute("viewBox").split(" ").map(Number);
  const told = bar.querySelector("output"), marks = [...svg.querySelectorAll("text, .pin")]
    .filter((one) => !one.matches(".pin text")).map((one) => [one, one.getAttribute("transform")]);
  let k = 1, x = left, y = top; // how many times nearer; the corner that is shown
  const within = (at, from, size) => Math.min(Math.max(at, from), from + size - size / k);

  function show() {
    x = within(x, left, wide);
    y = within(y, top, tall);
    svg.setAttribute("viewBox", [x, y, wide / k, tall / k].map((n) => n.toFixed(2)).join(" "));
    for (const [one, had] of marks) {
      const at = [one.getAttribute("x"), one.getAttribute("y")];
      one.setAttribute("transform", had ? `${had} scale(${1 / k})`
        : `translate(${at}) scale(${1 / k}) translate(${-at[0]} ${-at[1]})`);
    }
    svg.style.setProperty("--near", k);
    box.classList.toggle("near", k > 1);
    told.textContent = `×${Number(k.toFixed(1))}`;
    for (const [name, isOver] of [["in", k >= MOST], ["out", k <= 1], ["whole", k <= 1]]) {
      bar.querySelector(`[data-do=${name}]`).setAttribute("aria-disabled", String(isOver));
    }
  }
  // px, py: the place of the sheet that stays under the finger
  function nearer(times, px = x + wide / k / 2, py = y + tall / k / 2) {
    const next = Math.min(Math.max(k * times, 1), MOST), held = k / next;
    [x, y, k] = [px - (px - x) * held, py - (py - y) * held, next];
    show();
  }
  function go(dx, dy) { x += dx * wide / k; y += dy * tall / k; show(); }
  const acts = {
    in: () => nearer(STEP), out: () => nearer(1 / STEP), whole: () => nearer(1 / MOST),
    left: () => go(-PART, 0), right: () => go(PART, 0), up: () => go(0, -PART), down: () => go(0, PART),
  };
  const keys = { "+": "in", "=": "in", "-": "out", 0: "whole", ArrowLeft: "left",
    ArrowRight: "right", ArrowUp: "up", ArrowDown: "down" };
  bar.addEventListener("click", (event) => acts[event.target.closest("[data-do]")?.dataset.do]?.());
  box.addEventListener("keydown", (event) => {
    const act = keys[event.key];
    if (!act || event.ctrlKey || event.metaKey || event.altKey) return;
    if (k === 1 && event.key.startsWith("Arrow")) return; // the whole map: the page scrolls
    event.preventDefault();
    acts[act]();
  });
  const place = (event) => {
    const seen = svg.getBoundingClientRect();
    return [x + (event.clientX - seen.left) / seen.width * wide / k,
      y + (event.clientY - seen.top) / seen.height * tall / k];
  };
  svg.addEventListener("wheel", (event) => {
    if (!event.ctrlKey) return; // the page scrolls over the map
    event.preventDefault();
    nearer(event.deltaY < 0 ? STEP : 1 / STEP, ...place(event));
  }, { passive: false });

  const fingers = new Map();
  let apart = 0;
  const gap = () => {
    const [one, two] = [...fingers.values()];
    return Math.hypot(one.clientX - two.clientX, one.clientY - two.clientY);
  };
  svg.addEventListener("pointerdown", (event) => {
    fingers.set(event.pointerId, event);
    if (fingers.size === 2) apart = gap();
    if (k > 1 || fingers.size === 2) svg.setPointerCapture?.(event.pointerId);
  });
  svg.addEventListener("pointermove", (event) => {
    const before = fingers.get(event.pointerId);
    if (!before) return;
    const [bx, by] = place(before), [ax, ay] = place(event);
    fingers.set(event.pointerId, event);
    if (fingers.size === 2) {
      const now = gap();
      if (apart && now) nearer(now / apart, ax, ay);
      apart = now;
    } else if (k > 1) { x += bx - ax; y += by - ay; show(); }
  });
  for (const end of ["pointerup", "pointercancel", "pointerleave"]) {
    svg.addEventListener(end, (event) => { fingers.delete(event.pointerId); apart = 0; });
  }
  bar.hidden = false;
  box.tabIndex = 0;
  show();
}
