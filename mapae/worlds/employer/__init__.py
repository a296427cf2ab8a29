"""A simulated employer: an identity provider's log, an HR file, endpoint and parcel files in the vendors' own layouts."""
