/** Loaded by every page. Colours follow the system's light or dark setting. */
export const STYLE = `
:root { color-scheme: light dark; --line: #8884; --muted: color-mix(in srgb, currentColor 65%, transparent); }
body { font: 15px/1.5 system-ui, sans-serif; margin: 0 auto; max-width: 75rem; padding: 0 1rem 3rem; }
header { border-bottom: 1px solid var(--line); padding: 0.75rem 0; font-weight: 600; }
header a { color: inherit; text-decoration: none; }
h1 { font-size: 1.4rem; margin: 1.25rem 0 0.5rem; overflow-wrap: anywhere; }
h2 { font-size: 1.1rem; margin: 1.5rem 0 0.5rem; }
.tracker { list-style: none; padding: 0; margin: 0 0 1rem; color: var(--muted); }
.scroll { overflow-x: auto; }
table { border-collapse: collapse; width: 100%; }
th, td { text-align: left; padding: 0.3rem 1rem 0.3rem 0; border-bottom: 1px solid var(--line); vertical-align: top; }
th { white-space: nowrap; }
td time, .number { white-space: nowrap; font-variant-numeric: tabular-nums; }
td:last-child { overflow-wrap: anywhere; }
.status { border: 1px solid currentColor; border-radius: 1em; padding: 0 0.6em; font-size: 0.85em; white-space: nowrap; }
.status[data-status='Completed'] { color: light-dark(#116329, #56d364); }
.status[data-status='Failed'] { color: light-dark(#a40e26, #ff7b72); }
.status[data-status='InProgress'] { color: light-dark(#0550ae, #79c0ff); }
.status[data-status='Stopping'], .status[data-status='Stopped'] { color: light-dark(#7d4e00, #e3b341); }
.failure { border-left: 3px solid #cf222e; padding-left: 0.75rem; overflow-wrap: anywhere; }
pre { overflow-x: auto; border: 1px solid var(--line); padding: 0.75rem; border-radius: 4px; }
`;

/** Takes the page's content anew every second while it is looked at, so that it shows jobs as they move. */
export const REFRESH = `
const refresh = async () => {
  if (document.hidden || document.getSelection()?.isCollapsed === false) return;
  try {
    const answer = await fetch(location.href, { headers: { accept: 'text/html' } });
    if (!answer.ok) return;
    const fresh = new DOMParser().parseFromString(await answer.text(), 'text/html').querySelector('main');
    const main = document.querySelector('main');
    if (fresh && main && fresh.innerHTML !== main.innerHTML) main.replaceChildren(...fresh.childNodes);
  } catch {
    // The tracker is stopped; the page stays as it was.
  }
};
setInterval(refresh, 1000);
`;
