// CloudFront Function, viewer request: a site's one fixed address is the gate for the viewer's country.
// infra/template.py puts the countries of functions/regimes/regimes.json in the place of the text below.
const REGIMES = "__REGIMES__"

function handler(event) {
  const request = event.request
  const gate = /^(\/s\/[^/]+)\/gate\.js$/.exec(request.uri)
  if (gate) {
    request.uri = `${gate[1]}/gate.${regimeOf(request.headers['cloudfront-viewer-country'])}.js`
  } else if (!/^\/[st]\//.test(request.uri)) {
    return { statusCode: 404, statusDescription: 'Not Found', headers: { 'cache-control': { value: 'no-store' } } }
  }
  return request
}

// A country that is not listed, and none at all, have the strictest regime.
function regimeOf(header) {
  const country = header ? header.value.toUpperCase() : ''
  return REGIMES.countries[country] || REGIMES.unknown
}
