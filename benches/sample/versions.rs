//! Two versions of a document, on cases that people meet: what a diff of them is measured by.

use serde_json::{Value, json};

/// One case, and the shortest patch that other libraries were seen to write for it, in bytes.
pub struct Versions {
    pub name: &'static str,
    pub source: Value,
    pub target: Value,
    /// Of `json-patch`, `rfc6902` (JavaScript) and this crate, none of which write a `move` by default.
    pub without_moves: usize,
    /// The same, and Python's `jsonpatch`, which does.
    pub with_moves: usize,
}

fn deployment() -> Value {
    json!({
        "apiVersion": "apps/v1", "kind": "Deployment",
        "metadata": {"name": "shop", "namespace": "production", "labels": {"app": "shop", "tier": "backend"}},
        "spec": {
            "replicas": 3,
            "selector": {"matchLabels": {"app": "shop"}},
            "template": {
                "metadata": {"labels": {"app": "shop", "tier": "backend"}},
                "spec": {
                    "serviceAccountName": "shop",
                    "containers": [
                        {
                            "name": "shop", "image": "registry.example.com/shop:1.4.2", "imagePullPolicy": "IfNotPresent",
                            "ports": [{"name": "http", "containerPort": 8080, "protocol": "TCP"}],
                            "env": [
                                {"name": "DB_HOST", "value": "db.production"}, {"name": "DB_PORT", "value": "5432"},
                                {"name": "LOG_LEVEL", "value": "info"}, {"name": "WORKERS", "value": "8"},
                                {"name": "DB_PASSWORD", "valueFrom": {"secretKeyRef": {"name": "db", "key": "p"}}},
                            ],
                            "resources": {"limits": {"cpu": "500m", "memory": "512Mi"}, "requests": {"cpu": "250m"}},
                            "readinessProbe": {"httpGet": {"path": "/ready", "port": 8080}, "periodSeconds": 10},
                            "volumeMounts": [{"name": "cache", "mountPath": "/var/cache/shop"}],
                        },
                        {
                            "name": "metrics", "image": "registry.example.com/exporter:0.9.1-alpine",
                            "ports": [{"name": "metrics", "containerPort": 9100, "protocol": "TCP"}],
                        },
                    ],
                    "volumes": [{"name": "cache", "emptyDir": {}}],
                },
            },
        },
    })
}

/// An object of a list; of two of them all seven members differ.
fn order(id: u64) -> Value {
    json!({
        "id": id, "number": format!("2024-{id:05}"), "customer": format!("Customer {}", id * 7 % 1_000),
        "email": format!("c{id}@example.com"), "total": id as f64 + 0.25, "created": format!("2024-01-01T{:06}Z", id * 37),
        "items": id * 3 + 1,
    })
}

/// All cases.
pub fn versions() -> Vec<Versions> {
    let changed = |source: &Value, change: &dyn Fn(&mut Value)| {
        let mut target = source.clone();
        change(&mut target);
        target
    };
    let elements = |value: &mut Value, change: &dyn Fn(&mut Vec<Value>)| {
        change(value.as_array_mut().expect("an array"));
    };
    let containers = "/spec/template/spec/containers";
    let deployment = deployment();
    let orders: Value = (1..=200).map(order).collect::<Vec<_>>().into();
    let page = |number: usize| json!({"title": format!("Page {number}"), "body": format!("{number:_>890}")});
    let pages: Value = (0..10).map(page).collect::<Vec<_>>().into();
    let numbers: Vec<u64> = (1..=500).map(|number| number * 7_919 * 7_919 % 999_983).collect();
    let mut sorted = numbers.clone();
    sorted.sort_unstable();

    let mut cases = vec![];
    let mut case = |name, source: &Value, target, without_moves, with_moves| {
        cases.push(Versions { name, source: source.clone(), target, without_moves, with_moves });
    };
    let target = changed(&deployment, &|target| {
        target["spec"]["replicas"] = json!(5);
        target["metadata"]["labels"]["version"] = json!("1.4.3");
        let container = json!({
            "name": "proxy", "image": "registry.example.com/proxy:2.1", "args": ["--listen", ":8443", "--upstream",
            "localhost:8080"], "ports": [{"name": "https", "containerPort": 8443, "protocol": "TCP"}],
            "resources": {"limits": {"cpu": "100m", "memory": "64Mi"}, "requests": {"cpu": "10m"}},
        });
        elements(target.pointer_mut(containers).expect("containers"), &|list| list.insert(0, container.clone()));
        target["spec"]["template"]["spec"]["containers"][1]["image"] = json!("registry.example.com/shop:1.4.3");
    });
    case("Kubernetes deployment: side-car at the head", &deployment, target, 557, 557);
    let target = changed(&deployment, &|target| {
        elements(target.pointer_mut(containers).expect("containers"), &|list| list.swap(0, 1));
    });
    case("two containers swapped", &deployment, target, 268, 99);
    let target = changed(&deployment, &|target| {
        let env = &mut target["spec"]["template"]["spec"]["containers"][0]["env"];
        elements(env, &|list| list.reverse());
    });
    case("environment reversed", &deployment, target, 866, 441);
    let target = changed(&deployment, &|target| {
        target["status"] = json!({"replicas": 3, "readyReplicas": 3, "updatedReplicas": 3, "observedGeneration": 7});
    });
    case("status added at the top", &deployment, target, 115, 115);
    let target = changed(&orders, &|target| elements(target, &|list| list.insert(0, order(201))));
    case("200 objects: insertion at the head", &orders, target, 178, 178);
    let target = changed(&orders, &|target| {
        target[170]["customer"] = json!("Another customer");
        target[120]["total"] = json!(99.5);
        elements(target, &|list| {
            list.remove(154);
            list.insert(20, order(201));
        });
    });
    case("four mixed edits", &orders, target, 348, 348);
    let target = changed(&orders, &|target| elements(target, &|list| list.rotate_left(1)));
    case("one moved to the end", &orders, target, 204, 41);
    let target = changed(&orders, &|target| elements(target, &|list| list.swap(100, 101)));
    case("neighbours swapped", &orders, target, 213, 43);
    let target = changed(&pages, &|target| elements(target, &|list| list.swap(4, 5)));
    case("10 pages of 1 KB, neighbours swapped", &pages, target, 981, 39);
    let target = changed(&orders, &|target| elements(target, &|list| list.reverse()));
    case("reversed", &orders, target, 28_688, 7_853);
    // With other numbers of as many digits it was 3,480.
    case("500 numbers sorted", &numbers.into(), sorted.into(), 3_485, 3_485);
    cases
}
