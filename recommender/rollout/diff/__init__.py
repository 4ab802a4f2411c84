"""What changes between two sets of policies: connections, isolation, requests, and the text beside it."""
