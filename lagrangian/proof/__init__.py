"""Why the answer is the answer: certificates, each checked again by code that shares nothing with the solver."""
