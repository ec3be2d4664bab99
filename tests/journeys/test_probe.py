import pytest, httpx
from agencies.models import Agency

def test_a(db, world):
    assert Agency.objects.count() == 17
    assert world.actor("bkn").roles
@pytest.mark.django_db(transaction=True)
def test_b(world):
    assert Agency.objects.count() == 17
@pytest.mark.django_db
def test_c():
    assert Agency.objects.count() == 0
def test_d(sandbox):
    assert httpx.get(sandbox.base_url+"/livez").status_code == 200
