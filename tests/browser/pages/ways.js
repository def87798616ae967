// The ways by which a script reaches a third party; `here` is an element of the way’s own, and so are the addresses.
const ways = {
  elements: {
    'script.src': (here, { script }) => {
      const s = document.createElement('script');
      s.src = script;
      here.append(s);
    },
    'script.src when it is in the page already': (here, { script }) => {
      const s = document.createElement('script');
      here.append(s);
      s.src = script;
    },
    'script by setAttribute': (here, { script }) => {
      const s = document.createElement('script');
      s.setAttribute('src', script);
      here.appendChild(s);
    },
    'script by insertBefore': (here, { script }) => {
      const s = document.createElement('script');
      s.src = script;
      here.insertBefore(s, null);
    },
    'script by insertAdjacentElement': (here, { script }) => {
      const s = document.createElement('script');
      s.src = script;
      here.insertAdjacentElement('beforeend', s);
    },
    'script by replaceWith': (here, { script }) => {
      const s = document.createElement('script');
      s.src = script;
      here.firstChild.replaceWith(s);
    },
    'script in a tree put together outside the page': (here, { script }) => {
      const s = document.createElement('script');
      s.setAttribute('src', script);
      const d = document.createElement('div');
      d.append(s);
      here.append(d);
    },
    "script in a range's fragment": (here, { script }) => {
      here.append(document.createRange().createContextualFragment(`<script src='${script}'><\/script>`));
    },
    'script of a parsed document': (here, { script }) => {
      const d = new DOMParser().parseFromString(`<p><script src='${script}'><\/script>`, 'text/html');
      const s = document.createElement('script');
      s.setAttribute('src', d.querySelector('script').getAttribute('src'));
      here.append(s);
    },
    'script in a shadow root': (here, { script }) => {
      const r = here.attachShadow({ mode: 'open' });
      const s = document.createElement('script');
      s.src = script;
      r.append(s);
    },
    'module': (here, { script }) => {
      const s = document.createElement('script');
      s.type = 'module';
      s.src = script;
      here.append(s);
    },
    'document.write': (here, { script }) => {
      document.write(`<script src='${script}'><\/script>`);
    },
    'new Image': (here, { image }) => {
      new Image().src = image;
    },
    'img.srcset': (here, { image }) => {
      const i = new Image();
      i.srcset = `${image} 1x`;
      here.append(i);
    },
    'innerHTML': (here, { image }) => {
      here.innerHTML = `<img src='${image}'>`;
    },
    'innerHTML of a shadow root': (here, { image }) => {
      here.attachShadow({ mode: 'open' }).innerHTML = `<img src='${image}'>`;
    },
    'outerHTML': (here, { image }) => {
      here.firstChild.outerHTML = `<img src='${image}'>`;
    },
    'insertAdjacentHTML': (here, { image }) => {
      here.insertAdjacentHTML('beforeend', `<img src='${image}'>`);
    },
    'iframe.src': (here, { page }) => {
      const f = document.createElement('iframe');
      f.src = page;
      here.append(f);
    },
    'iframe by innerHTML': (here, { page }) => {
      here.innerHTML = `<iframe src='${page}'></iframe>`;
    },
    'stylesheet': (here, { image }) => {
      const l = document.createElement('link');
      l.rel = 'stylesheet';
      l.href = image;
      document.head.append(l);
    },
    'stylesheet, address first': (here, { image }) => {
      const l = document.createElement('link');
      l.href = image;
      l.rel = 'stylesheet';
      document.head.append(l);
    },
    'preload': (here, { image }) => {
      const l = document.createElement('link');
      l.rel = 'preload';
      l.as = 'image';
      l.href = image;
      document.head.append(l);
    },
    'svg image': (here, { image }) => {
      here.innerHTML = '<svg></svg>';
      const i = document.createElementNS('http://www.w3.org/2000/svg', 'image');
      i.setAttributeNS(null, 'href', image);
      here.firstChild.append(i);
    },
    'video.poster': (here, { image }) => {
      const v = document.createElement('video');
      v.poster = image;
      here.append(v);
    },
    'script of another realm': (here, { script }) => {
      const f = document.createElement('iframe');
      here.append(f);
      const d = f.contentDocument;
      const s = d.createElement('script');
      s.src = script;
      d.body.append(s);
    },
    'image of another realm': (here, { image }) => {
      const f = document.createElement('iframe');
      here.append(f);
      new f.contentWindow.Image().src = image;
    }
  },
  calls: {
    'fetch': (here, { image }) => {
      fetch(image).catch(() => {
      });
    },
    'fetch of a Request': (here, { image }) => {
      fetch(new Request(image)).catch(() => {
      });
    },
    'fetch of a URL': (here, { image }) => {
      fetch(new URL(image)).catch(() => {
      });
    },
    'XMLHttpRequest': (here, { image }) => {
      const x = new XMLHttpRequest();
      x.open('GET', image);
      x.send();
    },
    'sendBeacon': (here, { image }) => {
      navigator.sendBeacon(image, 'x');
    },
    'EventSource': (here, { image }) => {
      const e = new EventSource(image);
      e.onerror = () => e.close();
    },
    'fetch of another realm': (here, { image }) => {
      const f = document.createElement('iframe');
      here.append(f);
      f.contentWindow.fetch(image).catch(() => {
      });
    },
    'fetch of a frame that came as text': (here, { image }) => {
      here.innerHTML = '<iframe></iframe>';
      frames[frames.length - 1].fetch(image).catch(() => {
      });
    }
  }
};
