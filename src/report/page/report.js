"use strict";
document.documentElement.classList.add("js");
document.addEventListener("DOMContentLoaded", () => {
  const by = (id) => document.getElementById(id);
  const data = JSON.parse(by("data").textContent);
  const [LINE, ROW, STATUS, CAUSE, NAME, DOMAINS, EXTERNAL, ORGANIZATION, EXISTING, MESSAGE, ATTEMPTS, REQUEST, HTTP, FINISHED, CHANGES] = Array(15).keys();
  const rows = data.rows;
  const body = by("body"), view = by("window"), query = by("query"), found = by("found"), none = by("none");
  const COLUMNS = view.querySelectorAll("th").length, HEIGHT = 40, EXTRA = 12;
  let shown = rows.map((_, index) => index), sorted = null, texts = null, first = -1, last = -1;

  // Cells are only ever set as text.
  const element = (name, text, attributes = {}) => {
    const made = document.createElement(name);
    if (text !== undefined) made.textContent = text;
    for (const [key, value] of Object.entries(attributes)) made.setAttribute(key, value);
    return made;
  };
  const icon = (group) => {
    const svg = document.createElementNS("http://www.w3.org/2000/svg", "svg");
    svg.setAttribute("class", "icon");
    svg.setAttribute("aria-hidden", "true");
    const use = document.createElementNS("http://www.w3.org/2000/svg", "use");
    use.setAttribute("href", "#i-" + group);
    svg.append(use);
    return svg;
  };
  const status = (row) => {
    const [name, group] = data.statuses[row[STATUS]];
    const label = element("span", undefined, { class: "status " + group });
    label.append(icon(group), name);
    return label;
  };
  const organization = (id) => {
    if (data.dashboard && /^org_[0-9A-Za-z]{1,60}$/.test(id)) {
      return element("a", id, { href: data.dashboard + id, target: "_blank", rel: "noopener noreferrer", class: "mono" });
    }
    return element("bdi", id, { class: "mono" });
  };
  const label = (row) => (row[LINE] ? row[LINE].toLocaleString("en") : "row " + row[ROW]);

  const line = (place) => {
    const row = rows[shown[place]];
    const tr = element("tr", undefined, { "aria-rowindex": place + 2 });
    const open = element("button", label(row), { type: "button", "data-place": place, "aria-label": "Show " + (row[LINE] ? "line " : "") + label(row) });
    tr.append(element("td"), element("td"));
    tr.children[0].append(open);
    tr.children[1].append(status(row));
    for (const column of data.redacted ? [] : [NAME, DOMAINS, EXTERNAL]) {
      const td = element("td");
      td.append(element("bdi", row[column]));
      tr.append(td);
    }
    const why = element("td");
    why.append(element("bdi", row[MESSAGE] || (row[CAUSE] < 0 ? "" : data.causes[row[CAUSE]])));
    tr.append(why);
    if (!data.redacted) {
      const td = element("td");
      td.append(organization(row[ORGANIZATION]));
      tr.append(td);
    }
    tr.append(element("td", row[ATTEMPTS] || ""));
    return tr;
  };
  const pad = (height) => {
    const tr = element("tr", undefined, { class: "pad", "aria-hidden": "true" });
    const td = element("td", undefined, { colspan: COLUMNS });
    td.style.height = height + "px";
    tr.append(td);
    return tr;
  };

  // Only the rows in view are in the page.
  const draw = (force) => {
    const from = Math.max(0, Math.floor(view.scrollTop / HEIGHT) - EXTRA);
    const to = Math.min(shown.length, Math.ceil((view.scrollTop + view.clientHeight) / HEIGHT) + EXTRA);
    if (!force && from === first && to === last) return;
    first = from;
    last = to;
    const focused = document.activeElement && document.activeElement.dataset.place;
    const lines = [pad(from * HEIGHT)];
    for (let place = from; place < to; place++) lines.push(line(place));
    lines.push(pad((shown.length - to) * HEIGHT));
    body.replaceChildren(...lines);
    if (focused !== undefined) focusOn(Number(focused), false);
  };
  const focusOn = (place, scroll) => {
    if (place < 0 || place >= shown.length) return;
    if (scroll) {
      const head = view.querySelector("thead").offsetHeight, top = place * HEIGHT;
      if (top < view.scrollTop) view.scrollTop = top;
      else if (top + HEIGHT + head > view.scrollTop + view.clientHeight) view.scrollTop = top + HEIGHT + head - view.clientHeight;
      draw(true);
    }
    const button = body.querySelector(`button[data-place="${place}"]`);
    if (button) button.focus({ preventScroll: true });
  };

  // status:conflict,invalid cause:domain line:42 "two words" acme
  const parse = (text) => {
    const tests = [];
    for (const [whole, key, quoted, plain] of text.toLowerCase().matchAll(/(?:(status|cause|line):)?(?:"([^"]*)"?|([^\s"]+))/g)) {
      const value = quoted !== undefined ? quoted : plain;
      const values = value.split(",").filter(Boolean);
      if (key === "status") {
        const wanted = data.statuses.map(([name]) => values.some((one) => name.replace(" ", "_").startsWith(one.replace(" ", "_"))));
        tests.push((index) => wanted[rows[index][STATUS]]);
      } else if (key === "cause") {
        const wanted = data.causes.map((title, place) => values.some((one) => title.toLowerCase().includes(one) || data.codes[place].includes(one)));
        tests.push((index) => rows[index][CAUSE] >= 0 && wanted[rows[index][CAUSE]]);
      } else if (key === "line") {
        const wanted = new Set(values.map(Number));
        tests.push((index) => wanted.has(rows[index][LINE]));
      } else {
        tests.push((index) => texts[index].includes(value));
      }
    }
    return tests;
  };
  const filter = () => {
    if (texts === null && query.value.trim()) {
      texts = rows.map((row) => [row[NAME], row[DOMAINS], row[EXTERNAL], row[ORGANIZATION], row[EXISTING], row[CHANGES], row[MESSAGE], row[REQUEST], data.statuses[row[STATUS]][0], row[CAUSE] < 0 ? "" : data.causes[row[CAUSE]] + "\n" + data.codes[row[CAUSE]]].join("\n").toLowerCase());
    }
    const tests = parse(query.value);
    const order = sorted || rows.keys();
    shown = [];
    for (const index of order) if (tests.every((test) => test(index))) shown.push(index);
    view.scrollTop = 0;
    show();
  };
  const show = () => {
    found.textContent = shown.length.toLocaleString("en") + " of " + rows.length.toLocaleString("en") + (rows.length === 1 ? " row" : " rows");
    by("table").setAttribute("aria-rowcount", shown.length + 1);
    none.hidden = shown.length > 0;
    for (const chip of chips) chip.setAttribute("aria-pressed", String(statusesIn(query.value).includes(chip.dataset.status)));
    draw(true);
  };

  const sort = (th) => {
    const column = Number(th.dataset.column);
    const descending = th.getAttribute("aria-sort") === "ascending";
    for (const other of view.querySelectorAll("th")) other.setAttribute("aria-sort", "none");
    th.setAttribute("aria-sort", descending ? "descending" : "ascending");
    const key = (row) => (column === LINE ? row[LINE] || Infinity : column === STATUS ? row[STATUS] : column === MESSAGE ? row[MESSAGE] || (row[CAUSE] < 0 ? "" : data.causes[row[CAUSE]]) : row[column]);
    const keys = rows.map((row) => { const value = key(row); return typeof value === "string" ? value.toLowerCase() : value; });
    const way = descending ? -1 : 1;
    sorted = [...rows.keys()].sort((a, b) => (keys[a] < keys[b] ? -way : keys[a] > keys[b] ? way : a - b));
    filter();
  };
  for (const button of view.querySelectorAll("th button")) button.addEventListener("click", () => sort(button.parentElement));

  const chips = [...document.querySelectorAll(".chips button")];
  const STATUS_WORD = /(^|\s)status:(\S+)/i;
  const statusesIn = (text) => { const word = text.match(STATUS_WORD); return word ? word[2].toLowerCase().split(",") : []; };
  const setStatuses = (list) => {
    const rest = query.value.replace(STATUS_WORD, " ").replace(/\s+/g, " ").trim();
    query.value = ((list.length ? "status:" + list.join(",") + " " : "") + rest).trim();
    filter();
  };
  for (const chip of chips) {
    chip.addEventListener("click", () => {
      const now = statusesIn(query.value), own = chip.dataset.status;
      setStatuses(now.includes(own) ? now.filter((one) => one !== own) : [...now, own]);
    });
  }
  for (const link of document.querySelectorAll(".link")) {
    link.addEventListener("click", () => {
      query.value = link.dataset.query;
      filter();
      by("rows").scrollIntoView();
      query.focus({ preventScroll: true });
    });
  }

  let waiting = 0;
  query.addEventListener("input", () => {
    clearTimeout(waiting);
    waiting = setTimeout(filter, rows.length > 20000 ? 150 : 0);
  });
  view.addEventListener("scroll", () => requestAnimationFrame(() => draw(false)));
  window.addEventListener("resize", () => draw(false));
  document.addEventListener("keydown", (event) => {
    if (event.key === "/" && document.activeElement !== query && !event.ctrlKey && !event.metaKey && !event.altKey && !details.open) {
      event.preventDefault();
      query.focus();
    }
  });
  view.addEventListener("keydown", (event) => {
    const place = event.target.dataset.place;
    if (place === undefined) return;
    const page = Math.max(1, Math.floor(view.clientHeight / HEIGHT) - 2);
    const step = { ArrowDown: 1, ArrowUp: -1, PageDown: page, PageUp: -page, Home: -Infinity, End: Infinity }[event.key];
    if (step === undefined) return;
    event.preventDefault();
    focusOn(Math.min(shown.length - 1, Math.max(0, Number(place) + step)), true);
  });

  // The details of a row.
  const details = by("details");
  const open = (row) => {
    const list = element("dl");
    const add = (name, content) => {
      if (content === "" || content === undefined || content === null) return;
      const dd = element("dd");
      dd.append(typeof content === "object" ? content : element("bdi", content));
      list.append(element("dt", name), dd);
    };
    const cause = row[CAUSE] < 0 ? "" : data.causes[row[CAUSE]];
    add("Status", status(row));
    add("Name", row[NAME]);
    add("Domains", row[DOMAINS]);
    add("External id", row[EXTERNAL]);
    add("Organization", row[ORGANIZATION] && organization(row[ORGANIZATION]));
    add("Existing organization", row[EXISTING] && organization(row[EXISTING]));
    add("Cause", cause);
    add("Code", row[CAUSE] < 0 ? "" : data.codes[row[CAUSE]]);
    add("Changes", row[CHANGES]);
    add("Message", row[MESSAGE]);
    add("HTTP status", row[HTTP] ? String(row[HTTP]) : "");
    add("Request id", row[REQUEST]);
    add("Attempts", row[ATTEMPTS] ? String(row[ATTEMPTS]) : "");
    add("Finished", row[FINISHED] ? new Date(row[FINISHED]).toISOString().replace("T", " ").slice(0, 19) + " UTC" : "");
    add("Row in the list", row[ROW] ? String(row[ROW]) : "");
    by("details-title").textContent = row[LINE] ? "Line " + label(row) : "Row " + row[ROW];
    by("details-list").replaceChildren(list);
    details.showModal();
  };
  body.addEventListener("click", (event) => {
    if (event.target.closest("a") || String(getSelection())) return;
    const tr = event.target.closest("tr[aria-rowindex]");
    if (!tr) return;
    const button = tr.querySelector("button");
    button.focus({ preventScroll: true });
    open(rows[shown[Number(button.dataset.place)]]);
  });
  by("details-close").addEventListener("click", () => details.close());
  details.addEventListener("click", (event) => { if (event.target === details) details.close(); });

  for (const button of document.querySelectorAll(".copy")) {
    button.addEventListener("click", async () => {
      const code = button.parentElement.querySelector("code");
      try {
        await navigator.clipboard.writeText(code.textContent);
        button.textContent = "Copied";
      } catch {
        getSelection().selectAllChildren(code);
        button.textContent = "Selected";
      }
      setTimeout(() => { button.textContent = "Copy"; }, 2000);
    });
  }

  // A page of a run at work loads itself again, and keeps the query and the place.
  const STATE = "workos-orgs-report";
  const live = by("live");
  if (live) {
    const AGE = 90_000;
    const pause = by("live-pause");
    try {
      const state = JSON.parse(sessionStorage.getItem(STATE) || "{}");
      if (state.query) query.value = state.query;
      if (state.top) window.scrollTo(0, state.top);
    } catch { /* a browser may refuse storage to a file */ }
    let paused = false;
    pause.addEventListener("click", () => {
      paused = !paused;
      pause.textContent = paused ? "Continue" : "Pause";
    });
    setInterval(() => {
      if (Date.now() - Number(live.dataset.made) > AGE) {
        by("live-text").textContent = "No update for more than a minute: the run may have been interrupted. Make the report again to see.";
      }
      if (paused || details.open || document.activeElement === query || view.contains(document.activeElement)) return;
      try {
        sessionStorage.setItem(STATE, JSON.stringify({ query: query.value, top: window.scrollY }));
      } catch { /* see above */ }
      location.reload();
    }, 3000);
  }

  filter();
});
