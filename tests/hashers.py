from django.contrib.auth.hashers import ScryptPasswordHasher


class QuickScrypt(ScryptPasswordHasher):
    """The same code with less work, because tests sign in hundreds of times."""

    work_factor = 2**4
    parallelism = 1
