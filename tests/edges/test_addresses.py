from recommender.model.inventory import Inventory, InventoryPod, InventoryService, ServicePort
from tests.edges.captures import HandMadeCapture
from tests.edges.test_orientation import DB, WEB, addressed


def test_own_addresses_are_those_of_pods_nodes_and_services():
    capture = HandMadeCapture()
    web, db, node = capture.pod("web-1", local=True), capture.pod("db-1"), capture.entity("remote-node", identity=6)
    apiserver = capture.entity("kube-apiserver", "world", identity=16777218)
    for peer, address in ((db, DB), (node, ("192.0.2.7", 10250)), (apiserver, ("198.51.100.7", 443))):
        capture.flow(web, peer, **addressed(WEB, address), flags=("SYN",))
    world = capture.entity("world", identity=2)
    capture.flow(web, world, **addressed(WEB, ("203.0.113.5", 443)), flags=("SYN",))
    service = InventoryService(
        namespace="shop",
        name="db",
        selector=(("app", "db"),),
        cluster_ips=("10.96.0.5",),
        ports=(ServicePort(protocol="TCP", port=80, target_port=5432),),
    )
    pods = (
        InventoryPod(namespace="shop", name="db-1", labels=(("app", "db"),)),
        InventoryPod(namespace="shop", name="other", labels=(), addresses=("10.244.7.7",)),
    )
    inventory = Inventory(services=(service,), pods=pods, node_addresses=("192.0.2.8",))
    assert capture.observe(inventory).own_addresses == tuple(
        sorted((WEB[0], DB[0], "192.0.2.7", "192.0.2.8", "198.51.100.7", "10.96.0.5", "10.244.7.7"))
    )
