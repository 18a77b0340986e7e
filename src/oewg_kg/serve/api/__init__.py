"""What programs ask over HTTP: saved questions, graphs, descriptions."""
