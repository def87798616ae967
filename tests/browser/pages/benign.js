// What a shop does for itself; what each returns must be the same with the gate as without it. `here` is an element of its own.
const deeds = {
  'an external script of the shop': (here) => {
    return new Promise((done) => {
      const s = document.createElement('script');
      s.src = '/own.js';
      s.onload = () => done(window.own);
      document.head.append(s);
    });
  },
  'scripts keep their order': (here) => {
    return window.order;
  },
  'an inline module': (here) => {
    return window.module;
  },
  'a dynamic import': async (here) => {
    return (await import('/module.js')).default;
  },
  "a module of the shop's other host": async (here) => {
    return (await import('https://static.shop.test/module.js')).default;
  },
  "a script from the shop's other host": (here) => {
    return new Promise((done) => {
      const s = document.createElement('script');
      s.src = 'https://static.shop.test/own.js';
      s.onload = () => done(true);
      document.head.append(s);
    });
  },
  'an inline handler': (here) => {
    document.querySelector('#handler').click();
    return window.handled;
  },
  'markup with a handler': (here) => {
    here.innerHTML = '<button onclick="window.second = 2">x</button>';
    here.firstChild.click();
    return window.second;
  },
  'an own form in an own frame': (here) => {
    return new Promise((done) => {
      here.innerHTML = '<iframe name=target></iframe><form action=/page method=post target=target><input name=a value=b></form>';
      here.firstChild.onload = () => done(here.firstChild.contentDocument.title);
      here.lastChild.submit();
    });
  },
  'an own frame': (here) => {
    return new Promise((done) => {
      const f = document.createElement('iframe');
      f.src = '/page';
      f.onload = () => done(f.contentWindow.inner + f.contentDocument.title);
      here.append(f);
    });
  },
  'a frame with its document inside': (here) => {
    return new Promise((done) => {
      const f = document.createElement('iframe');
      f.srcdoc = '<script>parent.postMessage(7, "*")<\/script>';
      addEventListener('message', (m) => done(m.data), { once: true });
      here.append(f);
    });
  },
  'a blank frame written into': (here) => {
    const f = document.createElement('iframe');
    here.append(f);
    const d = f.contentDocument;
    d.open();
    d.write("<p>written</p><script>window.inside = 3<\/script>");
    d.close();
    return [d.querySelector('p').textContent, f.contentWindow.inside];
  },
  'fetch': async (here) => {
    return (await fetch('/data.json')).json();
  },
  'fetch with a Request and a body': async (here) => {
    return (await fetch(new Request('/data.json', { method: 'POST', body: 'x' }))).status;
  },
  'fetch keeps its name and length': (here) => {
    return [fetch.length <= 1, typeof fetch];
  },
  'XMLHttpRequest': (here) => {
    return new Promise((done) => {
      const x = new XMLHttpRequest();
      x.open('GET', '/data.json');
      x.onload = () => done(x.responseText);
      x.send();
    });
  },
  'a synchronous XMLHttpRequest': (here) => {
    const x = new XMLHttpRequest();
    x.open('GET', '/data.json', false);
    x.send();
    return x.responseText;
  },
  'a beacon': (here) => {
    return navigator.sendBeacon('/data.json', 'x');
  },
  'a WebSocket': (here) => {
    const w = new WebSocket('wss://www.shop.test/socket');
    const is = w instanceof WebSocket;
    const url = w.url;
    w.close();
    return [is, url, WebSocket.OPEN];
  },
  'an EventSource': (here) => {
    const e = new EventSource('/events');
    const is = e instanceof EventSource;
    e.close();
    return is;
  },
  'a worker': (here) => {
    return new Promise((done) => {
      const w = new Worker('/worker.js');
      w.onmessage = (m) => done(m.data);
    });
  },
  'a worker of a blob': (here) => {
    return new Promise((done) => {
      const w = new Worker(URL.createObjectURL(new Blob(['postMessage(5)'])));
      w.onmessage = (m) => done(m.data);
    });
  },
  'a service worker': async (here) => {
    const r = await navigator.serviceWorker.register('/sw.js');
    const scope = r.scope;
    await r.unregister();
    return scope;
  },
  'an image of data': (here) => {
    return new Promise((done) => {
      const i = new Image();
      i.onload = () => done(i.naturalWidth);
      i.src = 'data:image/gif;base64,R0lGODlhAQABAAAAACw=';
      i.onerror = () => done('error');
    });
  },
  'an image of a blob': (here) => {
    const i = new Image();
    const u = URL.createObjectURL(new Blob(['x']));
    i.src = u;
    return i.src === u;
  },
  "an image's address reads back whole": (here) => {
    const i = new Image();
    i.src = '/a.png';
    return i.src;
  },
  'a style sheet of the shop': (here) => {
    return new Promise((done) => {
      const l = document.createElement('link');
      l.rel = 'stylesheet';
      l.href = '/own.css';
      l.onload = () => done(getComputedStyle(document.body).getPropertyValue('--own'));
      document.head.append(l);
    });
  },
  'a canonical address elsewhere': (here) => {
    const l = document.createElement('link');
    l.rel = 'canonical';
    l.href = 'https://elsewhere.example/';
    document.head.append(l);
    return l.outerHTML;
  },
  'a link to elsewhere': (here) => {
    here.innerHTML = '<a href=https://elsewhere.example/x>x</a>';
    return here.firstChild.href;
  },
  'a custom element': (here) => {
    customElements.define('x-lamp', class extends HTMLElement {
      connectedCallback() {
        this.textContent = 'lit';
      }
    });
    here.innerHTML = '<x-lamp src=https://elsewhere.example/></x-lamp>';
    return here.innerHTML;
  },
  'shadow DOM': (here) => {
    const r = here.attachShadow({ mode: 'open' });
    r.innerHTML = '<p>in</p>';
    return r.querySelector('p').textContent;
  },
  'a closed shadow root': (here) => {
    const r = here.attachShadow({ mode: 'closed' });
    r.append(document.createElement('p'));
    return r.childNodes.length;
  },
  'a fragment': (here) => {
    const f = new DocumentFragment();
    f.append('a', document.createElement('b'));
    here.append(f);
    return here.innerHTML;
  },
  'a template': (here) => {
    const t = document.createElement('template');
    t.innerHTML = '<tr><td>1</td></tr>';
    return t.content.cloneNode(true).firstChild.outerHTML;
  },
  'what methods return': (here) => {
    const p = document.createElement('p');
    const b = document.createElement('b');
    return [here.appendChild(p) === p, here.insertBefore(b, p) === b, here.append('x') === void 0, here.replaceChild(p, b) === b, here.insertAdjacentElement('afterbegin', b) === b, here.setAttribute('a', 1) === void 0];
  },
  'what methods throw': (here) => {
    const names = [];
    for (const deed of [() => here.appendChild(here), () => here.setAttribute('1', ''), () => here.appendChild('x'), () => new WebSocket('x:'), () => document.body.insertAdjacentHTML('x', ''), () => here.setAttribute('a')]) {
      try {
        deed();
        names.push('-');
      } catch (e) {
        names.push(e.name);
      }
    }
    return names;
  },
  'null as markup': (here) => {
    here.innerHTML = 'x';
    here.innerHTML = null;
    return here.innerHTML;
  },
  'undeclared cookies of the shop': (here) => {
    document.cookie = 'basket=3; Path=/';
    document.cookie = 'gone=1; Path=/';
    document.cookie = 'gone=; Path=/; Max-Age=0';
    return document.cookie.includes('basket=3') && !document.cookie.includes('gone');
  },
  'a cookie by CookieStore': async (here) => {
    await cookieStore.set('theme', 'dark');
    await cookieStore.set({ name: 'size', value: 'l' });
    return [(await cookieStore.get('theme')).value, (await cookieStore.get('size')).value];
  },
  'storage': (here) => {
    localStorage.setItem('a', 1);
    sessionStorage.b = 2;
    localStorage.setItem('gone', 1);
    localStorage.removeItem('gone');
    return [localStorage.a, localStorage.getItem('a'), sessionStorage.getItem('b'), localStorage.gone ?? null];
  },
  'IndexedDB': (here) => {
    return new Promise((done) => {
      const r = indexedDB.open('shop');
      r.onsuccess = () => done(r.result.name);
    });
  },
  'JSON as a script of data': (here) => {
    return JSON.parse(document.querySelector('#data').textContent).a;
  },
  'a script of another type with an address': (here) => {
    return document.querySelector('#foreign').outerHTML;
  },
  'a thousand elements': (here) => {
    for (let i = 0; i < 1e3; i++) {
      const d = document.createElement('div');
      d.innerHTML = `<a href='/${i}'>${i}</a>`;
      here.append(d);
    }
    return here.querySelectorAll('a').length;
  }
};
