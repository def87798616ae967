"""The audit: everything derived anew from the stored bytes, and the first thing that disagrees named."""
