// Looks for news while a purchase is fetched or set up, so that the page changes without flicker. Without scripts the page reloads itself instead.
(() => {
  const FAILED_RETRY_MS = 5000;
  const main = () => document.getElementById('purchase');

  const show = (fresh) => {
    const known = main();
    if (fresh.innerHTML === known.innerHTML) return;
    const hasNewState = fresh.dataset.state !== known.dataset.state;
    known.replaceWith(fresh);
    if (!hasNewState) return;
    const title = fresh.querySelector('h1');
    document.getElementById('news').textContent = title ? title.textContent : '';
  };

  const look = async () => {
    try {
      const response = await fetch(location.href, { headers: { accept: 'text/html' }, credentials: 'same-origin', redirect: 'manual' });
      const fresh = new DOMParser().parseFromString(await response.text(), 'text/html');
      const purchase = fresh.getElementById('purchase');
      if (!purchase) throw new Error('another page');
      document.title = fresh.title;
      show(document.adoptNode(purchase));
      wait(Number(main().dataset.refreshMs));
    } catch {
      // Signed out, or the network is away: a whole reload shows the truth.
      setTimeout(() => location.reload(), FAILED_RETRY_MS);
    }
  };

  const wait = (ms) => {
    if (ms > 0) setTimeout(look, ms);
  };

  wait(Number(main().dataset.refreshMs));
})();
