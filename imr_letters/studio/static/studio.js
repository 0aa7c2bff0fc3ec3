"use strict";
// The script of the studio: what is typed goes to the server at once, and what the server says is shown at its field.
const csrf = document.querySelector("meta[name=csrf]").content;
const here = document.body.dataset.draft;
const at = id => document.getElementById(id);
const say = words => { at("saved").textContent = words; };

async function post(url, data) {
  const answer = await fetch(url, {
    method: "POST", headers: { "content-type": "application/json", "x-csrf": csrf }, body: JSON.stringify(data),
  });
  const text = await answer.text();
  let shape;
  try { shape = JSON.parse(text); } catch { shape = { message: text }; }
  return [answer.status, shape];
}

function element(name, words, attributes = {}) {
  const made = document.createElement(name);
  made.textContent = words;
  for (const [key, value] of Object.entries(attributes)) made.setAttribute(key, value);
  return made;
}

function cases() {
  at("search").addEventListener("input", event => {
    const wanted = event.target.value.toLowerCase();
    for (const row of document.querySelectorAll("tbody tr")) row.hidden = !row.textContent.toLowerCase().includes(wanted);
  });
  const begin = async () => {
    const [status, said] = await post("/new", { name: at("new-name").value });
    if (status === 200) location.assign("/draft/" + said.name); else say(said.message);
  };
  at("new").addEventListener("click", begin);
  at("new-name").addEventListener("keydown", event => { if (event.key === "Enter") begin(); });
}

function draft() {
  const form = at("form"), frame = at("letter");
  const base = new Map(), waiting = new Map(), held = new Set();
  let busy = false, timer = 0, letter = "", version = "", open = [];
  const notes = new Map();
  for (const field of form.querySelectorAll(".answer")) base.set(field.id, field.tagName === "SELECT" ? field.value : field.defaultValue);

  function morph(old, fresh, page) { // only what differs is replaced, so that the letter neither jumps nor flickers
    const mine = [...old.childNodes], theirs = [...fresh.childNodes];
    if (mine.length !== theirs.length) { old.replaceChildren(...theirs.map(each => page.importNode(each, true))); return; }
    mine.forEach((node, place) => {
      const other = theirs[place];
      if (node.isEqualNode(other)) return;
      if (node.nodeType === 1 && other.nodeType === 1 && node.tagName === other.tagName && node.children.length) morph(node, other, page);
      else node.replaceWith(page.importNode(other, true));
    });
  }

  function draw() {
    const page = frame.contentDocument, root = page && page.getElementById("letter");
    if (root && letter) morph(root, new DOMParser().parseFromString(letter, "text/html").body, page);
  }

  function list() {
    for (const said of document.querySelectorAll(".said")) said.replaceChildren();
    for (const field of form.querySelectorAll(".answer")) field.removeAttribute("aria-invalid");
    const general = at("general"), others = general.querySelector("ul");
    others.replaceChildren();
    for (const found of open) {
      const places = [...new Set(found.at.map(name => at(name + "-said")).filter(Boolean))];
      const words = found.message + (found.remedy ? " - " + found.remedy : "");
      if (!places.length) { others.append(element("li", words)); continue; }
      if (found.sort === "missing" && !/values\./.test(found.at[0])) continue; // the question itself says so
      if (found.sort === "missing") continue;
      for (const place of places) {
        place.append(element("li", words, found.blocks ? { class: "blocks" } : {}));
        const field = at(place.id.slice(0, -5));
        if (found.blocks && field) field.setAttribute("aria-invalid", "true");
      }
    }
    general.hidden = !others.children.length;
    for (const [id, said] of notes) for (const words of said) at(id + "-said")?.append(element("li", words, { class: "note" }));
    const role = at("role").value, left = open.filter(each => each.blocks && (!role || each.roles.includes(role))).length;
    at("left").textContent = left ? left + " open" : "nothing open";
  }

  function take(state) { letter = state.letter; open = state.open; version = state.version; draw(); list(); }

  function conflict(field, said) {
    held.add(field.id);
    say("not saved");
    const place = at(field.id + "-said"), mine = field.value;
    place.replaceChildren(element("li", said.message + ". There now: " + (said.theirs || "(empty)"), { class: "blocks" }));
    const settle = (words, name) => {
      const button = element("button", name, { type: "button" });
      button.addEventListener("click", () => { held.delete(field.id); base.set(field.id, said.theirs); field.value = words; queue(field, 0); field.focus(); });
      place.append(element("li", ""));
      place.lastChild.append(button);
    };
    settle(mine, "Keep my words");
    settle(said.theirs, "Take the other words");
  }

  async function flush() {
    if (busy || !waiting.size) return;
    busy = true;
    const [id, field] = waiting.entries().next().value;
    waiting.delete(id);
    say("saving ...");
    const words = field.value;
    let wait = 0;
    try {
      const [status, said] = await post(here + "/answer", { path: id, words, base: base.get(id) });
      if (status === 409) conflict(field, said);
      else if (status === 200) {
        base.set(id, said.words);
        notes.set(id, said.notes);
        take(said);
        if (said.fault) at(id + "-said").replaceChildren(element("li", "Kept as typed. This answer " + said.fault, { class: "blocks" }));
        if (!waiting.size) say(said.fault ? "saved, as an unfinished answer" : "saved");
      } else say("not saved: " + said.message);
    } catch {
      if (!waiting.has(id)) waiting.set(id, field);
      say("not saved: the studio does not answer; trying again");
      wait = 1500;
    }
    busy = false;
    if (wait) setTimeout(flush, wait); else flush();
  }

  function queue(field, delay) {
    if (held.has(field.id)) return;
    waiting.set(field.id, field);
    say("typing ...");
    clearTimeout(timer);
    timer = setTimeout(flush, delay);
  }

  const settled = async () => { clearTimeout(timer); flush(); while (busy || waiting.size) await new Promise(done => setTimeout(done, 30)); };

  form.addEventListener("submit", event => event.preventDefault());
  form.addEventListener("input", event => { if (event.target.classList.contains("answer")) queue(event.target, event.target.tagName === "SELECT" ? 0 : 40); });
  window.addEventListener("beforeunload", event => { if (busy || waiting.size || held.size) event.preventDefault(); });

  async function change(url, data) { // a change that other fields follow: the page is made again
    await settled();
    const [status, said] = await post(here + url, data);
    if (status === 200) location.reload(); else say(said.message);
  }

  async function offer(box) {
    const list = box.querySelector("ul"), item = Number(box.dataset.item);
    const found = await (await fetch(here + "/snippets?item=" + item + "&q=" + encodeURIComponent(box.querySelector("input").value))).json();
    list.replaceChildren(...found.map(each => {
      const row = element("li", ""), button = element("button", "Take it", { type: "button", "aria-label": "Take " + each.title });
      button.addEventListener("click", () => change("/pick", { item, id: each.id, version: each.version }));
      row.append(element("strong", each.title), element("p", "argues for " + each.argues, { class: "mild" }));
      for (const paragraph of each.words.split(/\n\s*\n/)) row.append(element("p", paragraph));
      row.append(button);
      return row;
    }));
    if (!found.length) list.append(element("li", "No approved wording has these words."));
  }
  for (const box of document.querySelectorAll(".offers")) {
    box.addEventListener("toggle", () => { if (box.open) offer(box); });
    box.querySelector("input").addEventListener("input", () => offer(box));
  }

  async function finish(more) {
    await settled();
    const [status, said] = await post(here + "/finish", more), done = at("done");
    done.replaceChildren();
    done.hidden = false;
    if (said.open) take(said);
    const again = (words, data) => {
      const button = element("button", words, { type: "button" });
      button.addEventListener("click", () => finish({ ...more, ...data() }));
      done.append(button);
    };
    if (status === 409) { done.append(element("p", said.message)); again("Replace the files", () => ({ replace: true })); }
    else if (status !== 200) done.append(element("p", said.message));
    else if (said.made.length) done.append(element("p", "Finished: " + said.made.join(" and ") + " are next to the draft."));
    else {
      const left = said.open.filter(each => each.blocks);
      done.append(element("p", "Not finished: " + left.length + " open."));
      const rows = element("ul", "");
      for (const each of left) {
        const field = each.at.map(at).find(Boolean), row = element("li", "");
        if (field) { const link = element("a", each.message, { href: "#" + field.id }); link.addEventListener("click", event => { event.preventDefault(); field.focus(); field.scrollIntoView({ block: "center" }); }); row.append(link); }
        else row.append(each.message);
        rows.append(row);
      }
      done.append(rows);
      if (said.by_lint) {
        const reason = element("input", "", { id: "reason" });
        done.append(element("label", "Lint finds errors. Why do they not matter here?", { for: "reason" }), reason);
        again("Finish all the same", () => ({ reason: reason.value }));
      }
    }
    done.scrollIntoView({ block: "nearest" });
  }

  document.addEventListener("click", event => {
    const button = event.target.closest("button");
    if (!button) return;
    if (button.id === "undo") change("/undo", {});
    else if (button.id === "finish") finish({});
    else if (button.dataset.do === "own-words") change("/own-words", { item: Number(button.dataset.item) });
    else if (button.dataset.do) change("/items", { do: button.dataset.do, item: Number(button.dataset.item) });
  });
  at("role").addEventListener("change", () => {
    const role = at("role").value;
    for (const field of form.querySelectorAll(".field")) field.hidden = Boolean(role) && !field.dataset.roles.split(" ").includes(role);
    for (const section of form.querySelectorAll("section")) section.hidden = !section.querySelector(".field:not([hidden])");
    list();
  });

  const blocks = () => [...frame.contentDocument.querySelectorAll("#letter p, #letter td, #letter h1, #letter h2, #letter li")];
  const plain = words => words.replace(/\s+/g, " ").trim();
  form.addEventListener("focusin", event => { // the letter shows the place of the field one is in
    if (!event.target.classList.contains("answer")) return;
    const label = event.target.closest(".field").dataset.label, start = plain(event.target.value).slice(0, 60);
    const place = blocks().find(each => start.length > 3 ? plain(each.textContent).includes(start) : each.textContent.includes("[" + label + "?]"));
    if (place) frame.contentWindow.scrollTo({ top: place.getBoundingClientRect().top + frame.contentWindow.scrollY - 120 });
  });
  function clicked(event) { // a click on a sentence leads to the field with most of its words
    const words = plain(event.target.textContent);
    let best = null, most = 3;
    for (const field of form.querySelectorAll(".answer")) {
      const label = "[" + field.closest(".field").dataset.label + "?]", value = plain(field.value);
      const size = words.includes(label) ? label.length : value.length > most && words.includes(value) ? value.length : words.length > most && value.includes(words) ? words.length : 0;
      if (size > most) { best = field; most = size; }
    }
    if (best) { best.focus(); best.scrollIntoView({ block: "center" }); }
  }
  function ready() {
    if (!frame.contentDocument?.getElementById("letter")) return;
    frame.contentDocument.onclick = clicked;
    draw();
  }
  frame.addEventListener("load", ready);
  ready();
  fetch(here + "/state").then(answer => answer.json()).then(state => { take(state); document.body.dataset.ready = "yes"; });
  document.addEventListener("visibilitychange", async () => { // another window or program may have changed the file
    if (document.hidden || busy || waiting.size || held.size) return;
    const state = await (await fetch(here + "/state")).json();
    if (state.version !== version && !busy && !waiting.size) location.reload();
  });
}

if (here) draft(); else cases();
