from hypothesis import settings

settings.register_profile("mappings", deadline=None, max_examples=150)
settings.load_profile("mappings")
