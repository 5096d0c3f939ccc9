// Asks over a WebSocket what the session holds, as long as somebody looks at the page: that uses the
// session, and so keeps it alive. A page in the background does not.
const connection = document.querySelector('#connection');
const live = document.querySelector('#live');
const SESSION_ENDED = 1008;
let shown;

connect();

function connect() {
  const socket = new WebSocket(`${location.origin.replace('http', 'ws')}/live/socket`);
  const look = () => {
    const isOpen = socket.readyState === WebSocket.OPEN;
    if (isOpen && !document.hidden) socket.send(JSON.stringify({ event: 'look' }));
  };
  let timer;

  socket.addEventListener('open', () => {
    say('Connected');
    look();
    timer = setInterval(look, 1000);
  });
  socket.addEventListener('message', ({ data: text }) => {
    const { event, data } = JSON.parse(text);
    if (event === 'session') show(data);
  });
  socket.addEventListener('close', ({ code }) => {
    clearInterval(timer);
    say('Not connected');
    // The server knows what is next: the login, or this page again where the id was only renewed.
    if (code === SESSION_ENDED) location.reload();
    else setTimeout(connect, 1000);
  });
}

function say(state) {
  connection.textContent = state;
  connection.dataset.state = state;
}

/** The server has escaped what is in it, with the view of the page itself. */
function show({ html, articles }) {
  if (html === shown) return;
  live.innerHTML = html;
  document.querySelector('.count').textContent = articles;
  shown = html;
}
