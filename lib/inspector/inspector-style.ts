/** The one stylesheet: light and dark, for small screens first. */
export const INSPECTOR_STYLE = `
:root { color-scheme: light dark; --ink: #1c1b1a; --paper: #fbfaf8; --card: #fff; --line: #dcd8d2;
  --soft: #69645d; --good: #1f7a4d; --bad: #b3261e; --accent: #3454b4; }
@media (prefers-color-scheme: dark) { :root { --ink: #ece9e4; --paper: #161514; --card: #201f1d;
  --line: #3a3733; --soft: #a39d94; --good: #6fcf97; --bad: #ff8a80; --accent: #9db4ff; } }
* { box-sizing: border-box; }
body { margin: 0 auto; padding: 1rem; max-width: 64rem; background: var(--paper); color: var(--ink);
  font: 1rem/1.5 system-ui, sans-serif; }
h1 { font-size: 1.4rem; margin: 0.5rem 0; }
h2 { font-size: 1.1rem; margin: 0 0 0.5rem; }
section { background: var(--card); border: 1px solid var(--line); border-radius: 0.5rem;
  padding: 1rem; margin: 1rem 0; overflow-x: auto; }
table { border-collapse: collapse; width: 100%; }
th, td { text-align: left; vertical-align: top; padding: 0.3rem 0.75rem 0.3rem 0;
  border-bottom: 1px solid var(--line); overflow-wrap: anywhere; }
th { font-weight: 600; color: var(--soft); overflow-wrap: normal; }
time { white-space: nowrap; }
dl { display: grid; grid-template-columns: max-content 1fr; gap: 0.25rem 1rem; margin: 0; }
dt { color: var(--soft); }
dd { margin: 0; overflow-wrap: anywhere; }
code { font: 0.9em ui-monospace, monospace; white-space: pre-wrap; }
code.inner { display: block; margin-left: 1.25rem; }
.good { color: var(--good); } .bad { color: var(--bad); } .soft { color: var(--soft); }
form { display: inline-block; margin: 0 0.5rem 0.5rem 0; }
button { font: inherit; padding: 0.6rem 1rem; border: 1px solid var(--accent); border-radius: 0.4rem;
  background: none; color: var(--accent); cursor: pointer; }
button:hover, button:focus-visible { background: var(--accent); color: var(--card); }
a { color: var(--accent); }
a:focus-visible, button:focus-visible { outline: 3px solid var(--accent); outline-offset: 2px; }
ol { margin: 0; padding-left: 1.25rem; }
@media (max-width: 40rem) {
  body { padding: 0.5rem; }
  section { padding: 0.75rem; }
  dl { display: block; }
  dd { margin-bottom: 0.5rem; }
  .pairs { table-layout: fixed; }
  .wide thead { display: none; }
  .wide, .wide tbody, .wide tr { display: block; }
  .wide tr { padding: 0.5rem 0; border-bottom: 1px solid var(--line); }
  .wide tr:last-child { border: 0; }
  .wide td { display: flex; gap: 0.75rem; padding: 0.1rem 0; border: 0; }
  .wide td::before { flex: 0 0 6.5rem; color: var(--soft); content: attr(data-head); }
  .wide td > div { min-width: 0; }
  .wide td:has(> div:empty) { display: none; }
}
`;
