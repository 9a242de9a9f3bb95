// Runs when a page was found. The page for what is not there is a page like any other in the bucket, which keeps with it
// the status that it is for: infra/deploy/publishing.py.
function handler(event) {
    const response = event.response;
    const status = response.headers['x-amz-meta-status'];
    if (status) {
        response.statusCode = Number(status.value);
        response.statusDescription = 'Not Found';
        // What is not there has no versions that a browser could ask about.
        delete response.headers['x-amz-meta-status'];
        delete response.headers['etag'];
        delete response.headers['last-modified'];
    }
    return response;
}
