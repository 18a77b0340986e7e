"""HTTP/1.1 below the application: connections, requests, cached responses."""
