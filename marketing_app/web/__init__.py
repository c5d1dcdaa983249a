"""What all pages share: fragments, streams, errors, security headers, languages, paging."""
