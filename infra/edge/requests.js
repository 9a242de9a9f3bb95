// Runs when a page is asked for, before CloudFront looks into its cache. CloudFormation fills in its names.
import cf from 'cloudfront';

const RELEASE = '${Release}';
const HASHED = /${Hashed}/;
const LANGUAGES = '${Languages}'.split(' '); // but the one whose pages stand at the root
const store = cf.kvs(); // each address of the release, and where what it names stands now

async function handler(event) {
    const request = event.request;
    const address = request.uri;
    if (HASHED.test(address)) {
        request.uri = '/files' + address;
        return request;
    }
    const now = (await place(address)) || (await place(folder(address)));
    if (now && now !== address) {
        return redirect(now, request.rawQueryString());
    }
    request.uri = '/releases/' + RELEASE + (now ? file(address) : notFound(address));
    return request;
}

async function place(address) {
    try {
        return (await store.exists(address)) ? await store.get(address) : '';
    } catch (failure) {
        // While a release spreads, an edge may have this code and not yet, or no longer, its list. The page is there.
        return address;
    }
}

function folder(address) {
    return address.replace(/(\/index\.html|\/*)$/, '/');
}

function file(address) {
    return address.endsWith('/') ? address + 'index.html' : address;
}

function notFound(address) {
    const language = address.split('/')[1];
    return (LANGUAGES.includes(language) ? '/' + language : '') + '/404.html';
}

function redirect(address, query) {
    return {
        statusCode: 301,
        statusDescription: 'Moved Permanently',
        headers: {
            location: { value: query ? address + '?' + query : address },
            'cache-control': { value: 'no-cache' },
        },
    };
}
