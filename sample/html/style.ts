import { Html } from './html.js';

export const STYLE = new Html(`
body { margin: 0; font: 16px/1.5 system-ui, sans-serif; color: #1d2530; background: #f5f6f8; }
nav { display: flex; gap: 1.5rem; padding: 0.75rem 2rem; background: #1d2530; }
nav a { color: #fff; text-decoration: none; }
main { max-width: 52rem; margin: 0 auto; padding: 1rem 2rem 3rem; }
h1 { font-size: 1.8rem; }
a { color: #b3123a; }
code { font-size: 0.85em; color: #5b6675; }
table { border-collapse: collapse; background: #fff; }
th, td { padding: 0.4rem 1rem; border: 1px solid #dde1e7; text-align: left; }
form { display: flex; flex-wrap: wrap; gap: 1rem; align-items: end; margin: 1rem 0; }
label { display: grid; gap: 0.2rem; font-size: 0.9rem; }
input, select, button { padding: 0.45rem 0.7rem; font: inherit; border: 1px solid #b9c0ca; border-radius: 6px; }
button { color: #fff; background: #b3123a; border-color: #b3123a; cursor: pointer; }
td form { margin: 0; }
.cards { display: grid; grid-template-columns: 1fr 1fr; gap: 1rem; padding: 0; list-style: none; }
.cards li { display: grid; align-content: start; gap: 0.3rem; padding: 1rem; background: #fff; border: 1px solid #dde1e7; border-radius: 8px; }
.cards a { font-weight: 600; }
.quiet { color: #5b6675; }
`);
