from django.contrib import admin


class StaffSite(admin.AdminSite):
    site_header = "Review desk"
    site_title = "Review desk"
    index_title = "Review desk"
